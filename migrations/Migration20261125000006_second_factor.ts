import { Migration } from '@mikro-orm/migrations';

/** Authenticator apps and recovery codes, as second factor beside the password. Forward only. */
export class Migration20261125000006_second_factor extends Migration {
  override up(): void {
    this.addSql(`create table authenticator (
      id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null,
      account_id uuid not null unique references account (id) on delete cascade,
      secret text not null, confirmed_at timestamptz, last_step bigint not null default 0)`);
    this.addSql(`create table recovery_code (
      id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null,
      account_id uuid not null references account (id) on delete cascade,
      hash text not null, used_at timestamptz, unique (account_id, hash))`);
  }
}
