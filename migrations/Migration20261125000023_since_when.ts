import { Migration } from '@mikro-orm/migrations';

/**
 * Since when a link or an enrollment is in its state, and since when something is wanted of an enrollment: kept by the database,
 * so that whatever writes, they are right. Indexes for what support looks for. Forward only.
 */
export class Migration20261125000023_since_when extends Migration {
  override up(): void {
    for (const table of ['edx_link', 'enrollment']) {
      this.addSql(`alter table ${table} add column state_since timestamptz not null default now()`);
      this.addSql(`update ${table} set state_since = updated_at`);
      this.addSql(
        `create index ${table}_reason on ${table} ((last_error ->> 'code'), id) where last_error is not null`,
      );
    }
    this.addSql(`alter table enrollment add column intent_since timestamptz`);
    this.addSql(`update enrollment set intent_since = updated_at where intent is not null`);
    this.addSql(`create function keep_state_since() returns trigger language plpgsql as $$
      begin
        if new.state is distinct from old.state and new.state_since is not distinct from old.state_since then
          new.state_since := now();
        end if;
        return new;
      end $$`);
    this.addSql(`create function keep_intent_since() returns trigger language plpgsql as $$
      begin
        if new.intent is null then
          new.intent_since := null;
        elsif tg_op = 'INSERT' then
          new.intent_since := coalesce(new.intent_since, now());
        elsif new.intent is distinct from old.intent or new.request_version is distinct from old.request_version then
          new.intent_since := now();
        end if;
        return new;
      end $$`);
    for (const table of ['edx_link', 'enrollment'])
      this.addSql(
        `create trigger keep_state_since before update on ${table} for each row execute function keep_state_since()`,
      );
    this.addSql(
      `create trigger keep_intent_since before insert or update on enrollment for each row execute function keep_intent_since()`,
    );
    this.addSql(`create index edx_link_unsettled on edx_link (id)
      where state in ('PENDING', 'CREATING', 'CONFLICT', 'REJECTED', 'MISSING_UPSTREAM')`);
    this.addSql(`create index enrollment_state on enrollment (state, id)`);
    this.addSql(
      `create index enrollment_unsettled on enrollment (id) where failed_intent is not null or intent is not null`,
    );
    this.addSql(`create index enrollment_intent_since on enrollment (intent_since) where intent is not null`);
  }
}
