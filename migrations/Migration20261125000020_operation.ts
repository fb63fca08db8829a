import { Migration } from '@mikro-orm/migrations';

/** Work that outlasts a request: operations, and what became of each of their rows. Forward only. */
export class Migration20261125000020_operation extends Migration {
  override up(): void {
    this.addSql(`create table operation (
      id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null,
      kind text not null,
      state text not null check (state in ('QUEUED','RUNNING','SUCCEEDED','PARTIAL','FAILED','CANCELED')),
      input jsonb not null, lane text, total int, done int not null default 0, failed int not null default 0,
      checkpoint jsonb, summary jsonb, started_by uuid, client_id text, retry_of uuid,
      begun_at timestamptz, finished_at timestamptz, cancel_requested_at timestamptz,
      next_attempt_at timestamptz, waits int not null default 0, crashes int not null default 0, failure jsonb)`);
    this.addSql(`create index operation_unfinished on operation (lane, id) where finished_at is null`);
    this.addSql(`create index operation_kind on operation (kind, id)`);
    this.addSql(`create index operation_started_by on operation (started_by, id) where started_by is not null`);
    this.addSql(`create index operation_finished_at on operation (finished_at) where finished_at is not null`);

    this.addSql(`create table operation_row (
      id uuid primary key, operation_id uuid not null references operation (id) on delete cascade,
      number int not null, key text, input jsonb, taken_at timestamptz, outcome text, reason text, detail jsonb,
      unique (operation_id, number))`);
    this.addSql(`create index operation_row_page on operation_row (operation_id, id)`);
    this.addSql(`create index operation_row_undone on operation_row (operation_id, number) where outcome is null`);
    // What an erased person is looked for by.
    this.addSql(`create index operation_row_key on operation_row (lower(key)) where key is not null`);
  }
}
