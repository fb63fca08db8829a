import { Migration } from '@mikro-orm/migrations';

/** Whether a learner gets the mails of a course run, and whether the LMS knows. Forward only. */
export class Migration20261125000027_course_emails extends Migration {
  override up(): void {
    this.addSql(`alter table enrollment
      add column receives_emails boolean,
      add column emails_version int not null default 0,
      add column emails_told_version int not null default 0,
      add column emails_error jsonb`);
  }
}
