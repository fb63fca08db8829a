import { Migration } from '@mikro-orm/migrations';

/** What an enrollment could not become is kept, so that it can be tried anew; ends that say more than “inactive”. Forward only. */
export class Migration20261125000019_enrollment_life extends Migration {
  override up(): void {
    this.addSql(`alter table enrollment
      add column end_state text check (end_state in ('DEFERRED', 'TRANSFERRED', 'REFUNDED')),
      add column failed_intent text check (failed_intent in ('ENROLL', 'UNENROLL', 'CHANGE_MODE')),
      add column failed_mode text,
      add column failed_at timestamptz`);
    this.addSql(`create index enrollment_failed on enrollment (id) where failed_intent is not null`);
    this.addSql(`update enrollment set failed_intent = 'ENROLL', failed_mode = requested_mode, failed_at = updated_at
      where state = 'REJECTED' and intent is null`);
    this.addSql(`update enrollment set last_error = jsonb_set(last_error, '{code}', '"user_missing"')
      where last_error ->> 'code' = 'no-edx-account'`);
  }
}
