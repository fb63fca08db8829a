import { Migration } from '@mikro-orm/migrations';

/**
 * What the LMS tells of by events: learners to be read anew, and messages that could not be taken. The LMS's grade events name
 * a learner by number only. Forward only.
 */
export class Migration20261125000037_lms_events extends Migration {
  override up(): void {
    this.addSql(`create table learning_hint (
      account_id uuid not null references account (id) on delete cascade, course_key text not null,
      enrollment boolean not null, grade boolean not null, certificate boolean not null,
      raised_at timestamptz not null, due_at timestamptz not null, tries int not null default 0,
      primary key (account_id, course_key))`);
    this.addSql(`create index learning_hint_due_at on learning_hint (due_at)`);
    this.addSql(`create table parked_event (
      id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null,
      topic text not null, entry_id text not null, event_id text, type text,
      reason text not null, detail text not null, sealed text not null,
      unique (topic, entry_id))`);
    this.addSql(`create index parked_event_created_at on parked_event (created_at)`);
    this.addSql(`create index edx_link_edx_user_id on edx_link (edx_user_id) where edx_user_id is not null`);
  }
}
