import { Migration } from '@mikro-orm/migrations';

/**
 * What a conflict is about and whether somebody asked to adopt the LMS user in the way; the pace of registrations; and a username
 * that never changes, since the LMS knows the person by it. Forward only.
 */
export class Migration20261125000018_edx_link_conflicts extends Migration {
  override up(): void {
    this.addSql(`alter table edx_link add column contested_username text`);
    this.addSql(`alter table edx_link add column adoption_granted boolean not null default false`);

    this.addSql(`create table edx_registration_pace (
      id int primary key default 1 check (id = 1),
      gap_ms int not null default 0 check (gap_ms >= 0), next_at timestamptz, refused_since timestamptz)`);
    this.addSql(`insert into edx_registration_pace default values`);

    this.addSql(`create function portico_refuse_other_username() returns trigger language plpgsql as $$
      begin
        raise exception 'the username of an account never changes: the LMS ties its user to it'
          using errcode = 'check_violation', constraint = 'account_username_is_fixed';
      end $$`);
    this.addSql(`create trigger account_username_is_fixed before update of username on account for each row
      when (old.username is distinct from new.username) execute function portico_refuse_other_username()`);
  }
}
