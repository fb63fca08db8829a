import { Migration } from '@mikro-orm/migrations';

/** Names of people towards sectors, restrictions of OAuth clients, and the times of a key rotation. Forward only. */
export class Migration20261125000004_clients_and_keys extends Migration {
  override up(): void {
    this.addSql(`create table account_subject (
      account_id uuid not null references account (id) on delete cascade, sector text not null, subject text not null,
      primary key (account_id, sector), unique (sector, subject))`);

    this.addSql(`alter table oauth_client add column restriction jsonb
      check (restriction is null or restriction ->> 'mode' in ('SSO_ONLY', 'SCOPED_JWT'))`);
    this.addSql(`create index oauth_consent_client on oauth_consent (client_id, id) where revoked_at is null`);

    this.addSql(`alter table signing_key add column retiring_from timestamptz`);
    this.addSql(
      `create unique index signing_key_published on signing_key (purpose, algorithm) where state = 'PUBLISHED'`,
    );

    this.addSql(`create index audit_event_client on audit_event (client_id, at) where client_id is not null`);
  }
}
