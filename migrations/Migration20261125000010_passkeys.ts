import { Migration } from '@mikro-orm/migrations';

/** Passkeys, the challenges they answer, and when an authenticator app was last used. Forward only. */
export class Migration20261125000010_passkeys extends Migration {
  override up(): void {
    this.addSql(`create table passkey (
      id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null,
      account_id uuid not null references account (id) on delete cascade,
      name text not null, credential_id text not null unique, public_key text not null,
      counter bigint not null default 0, transports text[] not null default '{}', is_syncable boolean not null,
      last_used_at timestamptz, suspended_at timestamptz)`);
    this.addSql(`create index passkey_account on passkey (account_id)`);
    this.addSql(`create table passkey_challenge (
      id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null,
      challenge text not null unique, purpose text not null,
      account_id uuid references account (id) on delete cascade,
      browser_hash text not null, expires_at timestamptz not null)`);
    this.addSql(`create index passkey_challenge_expiry on passkey_challenge (expires_at)`);
    this.addSql(`create index passkey_challenge_account on passkey_challenge (account_id)`);
    this.addSql(`alter table authenticator add column last_used_at timestamptz`);
  }
}
