import { Migration } from '@mikro-orm/migrations';

/** When each schedule last ran, and how that ended. Forward only. */
export class Migration20261125000028_schedule_run extends Migration {
  override up(): void {
    this.addSql(`create table schedule_run (
      name text primary key, started_at timestamptz not null, finished_at timestamptz,
      outcome text check (outcome in ('done', 'failed', 'off')), error text)`);
  }
}
