import { Migration } from '@mikro-orm/migrations';

/** A set-up of an authenticator app goes on in the browser that began it. What waits at the upgrade is begun anew. Forward only. */
export class Migration20261125000030_authenticator_browser extends Migration {
  override up(): void {
    this.addSql('alter table authenticator add column browser_hash text');
  }
}
