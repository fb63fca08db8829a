import { Migration } from '@mikro-orm/migrations';

/**
 * Counters of failures, in the columns that rate-limiter-flexible expects. Unlogged: losing them in a crash of the database
 * only starts the windows over. Forward only.
 */
export class Migration20261125000002_throttle extends Migration {
  override up(): void {
    this.addSql(`create unlogged table throttle (
      key varchar(255) primary key, points int not null default 0, expire bigint)`);
  }
}
