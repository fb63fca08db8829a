import { Migration } from '@mikro-orm/migrations';

const base = `id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null`;

/** What the LMS was last seen to say of course modes, grades and certificates. Forward only. */
export class Migration20261125000021_seen_learning extends Migration {
  override up(): void {
    this.addSql(`alter table course_run add column modes jsonb, add column modes_as_of timestamptz`);

    this.addSql(`create table course_grade (
      ${base},
      account_id uuid not null references account (id) on delete cascade,
      course_key text not null, lms_username text not null,
      percent double precision not null, letter_grade text, passed boolean not null,
      as_of timestamptz not null,
      unique (account_id, course_key))`);
    this.addSql(`create unique index course_grade_course on course_grade (course_key, account_id)`);

    this.addSql(`create table certificate (
      ${base},
      account_id uuid not null references account (id) on delete cascade,
      course_key text not null, lms_username text not null,
      type text not null, status text not null, download_url text, grade text, uuid text,
      lms_created_at timestamptz not null, lms_modified_at timestamptz,
      as_of timestamptz not null, withdrawn_at timestamptz,
      unique (account_id, course_key))`);
    this.addSql(`create table certificate_reading (
      account_id uuid primary key references account (id) on delete cascade, as_of timestamptz not null)`);
  }
}
