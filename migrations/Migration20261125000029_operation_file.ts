import { Migration } from '@mikro-orm/migrations';

/** What an operation wrote, to be downloaded. Forward only. */
export class Migration20261125000029_operation_file extends Migration {
  override up(): void {
    this.addSql(`create table operation_file (
      operation_id uuid primary key references operation (id) on delete cascade,
      created_at timestamptz not null, expires_at timestamptz not null, name text not null, media_type text not null,
      size_bytes bigint)`);
    this.addSql(`create index operation_file_expires_at on operation_file (expires_at)`);
    this.addSql(`create table operation_file_part (
      operation_id uuid not null references operation_file (operation_id) on delete cascade,
      number int not null, sealed text not null, primary key (operation_id, number))`);
  }
}
