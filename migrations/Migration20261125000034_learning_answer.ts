import { Migration } from '@mikro-orm/migrations';

/** Answers of the LMS as they were last read, for all processes. Forward only. */
export class Migration20261125000034_learning_answer extends Migration {
  override up(): void {
    this.addSql(`create table learning_answer (
      name text primary key, lms_username text, answer jsonb not null,
      as_of timestamptz not null, outdated_at timestamptz)`);
    this.addSql('create index learning_answer_owner on learning_answer (lms_username)');
    this.addSql('create index learning_answer_age on learning_answer (as_of)');
  }
}
