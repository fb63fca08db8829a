import { Migration } from '@mikro-orm/migrations';

/**
 * More of what is stuck is found: a deferral, transfer or refund that failed is named by the enrollment that it was to end, and what
 * the LMS refused for good of profiles, addresses and course mails is in the indexes of what is stuck. Forward only.
 */
export class Migration20261125000031_stuck_wider extends Migration {
  override up(): void {
    this.addSql('alter table enrollment add column failed_move_id uuid');
    this.addSql(`update enrollment set failed_move_id = latest.id
      from (select distinct on (source_id) id, source_id, state from enrollment_move order by source_id, id desc) latest
      where latest.source_id = enrollment.id and latest.state = 'FAILED'`);
    this.addSql('drop index enrollment_unsettled');
    this.addSql(`create index enrollment_unsettled on enrollment (id)
      where failed_intent is not null or intent is not null or failed_move_id is not null
        or (state = 'ACTIVE' and (emails_error ->> 'retryable')::bool = false)`);
    this.addSql('drop index edx_link_unsettled');
    this.addSql(`create index edx_link_unsettled on edx_link (id)
      where state in ('PENDING', 'CREATING', 'CONFLICT', 'REJECTED', 'MISSING_UPSTREAM')
        or (state = 'LINKED' and (last_error ->> 'retryable')::bool = false)`);
  }
}
