import { Migration } from '@mikro-orm/migrations';

/** Identity providers that speak SAML: where people go, and which keys sign. Forward only. */
export class Migration20261125000063_saml_providers extends Migration {
  override up(): void {
    this.addSql('alter table identity_provider add column sso_url text');
    this.addSql(`alter table identity_provider add column certificates text[] not null default '{}'`);
  }
}
