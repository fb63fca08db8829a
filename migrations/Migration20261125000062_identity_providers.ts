import { Migration } from '@mikro-orm/migrations';

const common = 'id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null';

/** Where organizations' learners sign in themselves, who did, and sign-ins that are under way. Forward only. */
export class Migration20261125000062_identity_providers extends Migration {
  override up(): void {
    this.addSql(`create table identity_provider (${common},
      organization_id uuid not null references organization (id), slug text not null unique,
      kind text not null check (kind in ('OIDC', 'SAML')), label text not null, is_enabled boolean not null,
      issuer text not null, client_id text, sealed_secret text, scopes text[] not null default '{}',
      key_claim text not null)`);
    this.addSql('create index identity_provider_organization on identity_provider (organization_id)');
    this.addSql(`create table linked_identity (${common},
      provider_id uuid not null references identity_provider (id) on delete cascade,
      account_id uuid not null references account (id) on delete cascade,
      subject text not null, external_key text, tied_as text, last_used_at timestamptz not null,
      constraint linked_identity_subject unique (provider_id, subject),
      constraint linked_identity_account unique (account_id, provider_id))`);
    this.addSql(`create table identity_sign_in (${common},
      provider_id uuid not null references identity_provider (id) on delete cascade,
      kind text not null check (kind in ('REQUEST', 'PROVEN')), state_hash text not null unique,
      browser_hash text not null, sealed text not null, next text, expires_at timestamptz not null)`);
    this.addSql('create index identity_sign_in_expiry on identity_sign_in (expires_at)');
    this.addSql(`create index identity_sign_in_browser on identity_sign_in (browser_hash)`);
    this.addSql('create index identity_sign_in_provider on identity_sign_in (provider_id)');
  }
}
