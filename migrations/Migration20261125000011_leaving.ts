import { Migration } from '@mikro-orm/migrations';

/**
 * Copies of people's data, requests for deletion and retirements with their steps; and network addresses in the audit that can
 * be erased although the chain holds them fast. Forward only.
 */
export class Migration20261125000011_leaving extends Migration {
  override up(): void {
    const base = 'id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null';
    this.addSql(`create table retirement (
      ${base},
      account_id uuid not null unique references account (id) on delete cascade,
      state text not null check (state in ('SCHEDULED','RUNNING','DONE')),
      requested_by uuid, due_at timestamptz not null, cancel_hash text unique,
      started_at timestamptz, finished_at timestamptz, next_attempt_at timestamptz, last_error jsonb)`);
    this.addSql(`create index retirement_due on retirement (due_at) where state <> 'DONE'`);
    this.addSql(`create table retirement_step (
      id uuid primary key, retirement_id uuid not null references retirement (id) on delete cascade,
      name text not null check (name in ('END_ACCESS','LEAVE_LMS','ERASE_DATA','ERASE_ADDRESSES')),
      outcome text not null check (outcome in ('DONE','NOT_NEEDED','LEFT_TO_DO')), reason text, at timestamptz not null,
      unique (retirement_id, name))`);

    this.addSql(`create table data_export (
      ${base},
      account_id uuid not null unique references account (id) on delete cascade,
      state text not null check (state in ('QUEUED','READY')),
      ready_at timestamptz, expires_at timestamptz, size_bytes bigint)`);
    this.addSql(`create index data_export_expires_at on data_export (expires_at)`);
    this.addSql(`create table data_export_part (
      data_export_id uuid not null references data_export (id) on delete cascade, number int not null, sealed text not null,
      primary key (data_export_id, number))`);

    this.addSql(`alter table audit_event add column address_salt text, add column address_hash text`);
  }
}
