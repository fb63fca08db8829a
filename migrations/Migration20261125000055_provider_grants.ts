import { Migration } from '@mikro-orm/migrations';

/** Clients are granted identity providers; the ID mapping looks remote ids up as the LMS does, whatever their case. Forward only. */
export class Migration20261125000055_provider_grants extends Migration {
  override up(): void {
    this.addSql(`create table client_provider (
      id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null,
      oauth_client_id uuid not null references oauth_client (id) on delete cascade,
      provider_id text not null, unique (oauth_client_id, provider_id))`);
    this.addSql(`create index edx_link_remote_id_any_case on edx_link (lower(remote_id)) where remote_id is not null`);
  }
}
