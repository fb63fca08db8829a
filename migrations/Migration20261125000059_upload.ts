import { Migration } from '@mikro-orm/migrations';

/** Files that were sent in, for a mutation to work with. Forward only. */
export class Migration20261125000059_upload extends Migration {
  override up(): void {
    this.addSql(`create table upload (
      id uuid primary key, created_at timestamptz not null, expires_at timestamptz not null,
      account_id uuid references account (id) on delete cascade, client_id text, name text not null, size_bytes bigint)`);
    this.addSql(`create index upload_expires_at on upload (expires_at)`);
    this.addSql(`create index upload_account_id on upload (account_id)`);
    this.addSql(`create table upload_part (
      upload_id uuid not null references upload (id) on delete cascade,
      number int not null, sealed text not null, primary key (upload_id, number))`);
  }
}
