import { Migration } from '@mikro-orm/migrations';

/** Mails are written in the language that somebody reads pages in. Forward only. */
export class Migration20261125000015_account_locale extends Migration {
  override up(): void {
    this.addSql('alter table account add column locale text');
  }
}
