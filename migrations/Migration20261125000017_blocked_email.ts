import { Migration } from '@mikro-orm/migrations';

/** Addresses that nobody may use for an account any more, as keyed hashes. Forward only. */
export class Migration20261125000017_blocked_email extends Migration {
  override up(): void {
    this.addSql(`create table blocked_email (
      email_hash text primary key, account_id uuid not null references account (id) on delete cascade,
      created_at timestamptz not null)`);
    this.addSql('create index blocked_email_account_id on blocked_email (account_id)');
  }
}
