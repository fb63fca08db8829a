import { Migration } from '@mikro-orm/migrations';

/** Clients may be held to the FAPI 2.0 Security Profile. Forward only. */
export class Migration20261125000012_security_profile extends Migration {
  override up(): void {
    this.addSql(`alter table oauth_client
      add column security_profile text not null default 'STANDARD' check (security_profile in ('STANDARD','FAPI2'))`);
  }
}
