import { Migration } from '@mikro-orm/migrations';

/**
 * Links whose user the LMS has a number of that is not known here, and what it told of users by such numbers. Forward only.
 */
export class Migration20261125000045_lms_user_ids extends Migration {
  override up(): void {
    this.addSql(`alter table edx_link add column edx_user_id_sought_at timestamptz`);
    this.addSql(`create index edx_link_without_user_id on edx_link (id)
      where state = 'LINKED' and edx_user_id is null and edx_username is not null`);
    this.addSql(`create table unknown_user_hint (
      lms_user_id int not null, course_key text not null,
      enrollment boolean not null, grade boolean not null, certificate boolean not null,
      raised_at timestamptz not null, due_at timestamptz not null,
      primary key (lms_user_id, course_key))`);
  }
}
