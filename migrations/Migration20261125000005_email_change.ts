import { Migration } from '@mikro-orm/migrations';

/** Changes of e-mail addresses that wait for confirmation: one for each account. Forward only. */
export class Migration20261125000005_email_change extends Migration {
  override up(): void {
    this.addSql(`create table email_change (
      id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null,
      account_id uuid not null unique references account (id) on delete cascade,
      email text not null, link_hash text not null unique, stop_hash text not null unique, code_hash text not null,
      code_attempts int not null default 0, expires_at timestamptz not null)`);
    this.addSql(`create index email_change_expires_at on email_change (expires_at)`);
  }
}
