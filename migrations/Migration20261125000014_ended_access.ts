import { Migration } from '@mikro-orm/migrations';

/**
 * Has the database itself announce when a token, a grant or a session ends and when an account changes, whoever does it and by
 * which statement: all processes keep for some seconds what they know of tokens. The announcement leaves with the commit.
 * Forward only.
 */
export class Migration20261125000014_ended_access extends Migration {
  override up(): void {
    // A notification takes less than 8,000 bytes; when many end at once, everything is forgotten.
    this.addSql(`create function portico_tell_ended_access(ended text[]) returns void language plpgsql as $$
      declare
        message text := json_build_object('topic', 'access', 'ended', ended)::text;
      begin
        if ended is null then return; end if;
        if octet_length(message) > 7000 then message := '{"topic":"access","ended":"many"}'; end if;
        perform pg_notify('portico_change', message);
      end $$`);

    this.addSql(`create function portico_artifacts_ended() returns trigger language plpgsql as $$
      begin
        perform portico_tell_ended_access((
          select array_agg(case model when 'Grant' then 'grant:' else 'token:' end || id)
          from ended where model in ('Grant', 'AccessToken', 'ClientCredentials')));
        return null;
      end $$`);
    this.addSql(`create trigger oidc_artifact_deleted after delete on oidc_artifact
      referencing old table as ended for each statement execute function portico_artifacts_ended()`);
    this.addSql(`create function portico_artifact_changed() returns trigger language plpgsql as $$
      begin
        perform portico_tell_ended_access(array[case new.model when 'Grant' then 'grant:' else 'token:' end || new.id]);
        return null;
      end $$`);
    this.addSql(`create trigger oidc_artifact_changed after update on oidc_artifact for each row
      when (new.model in ('Grant', 'AccessToken', 'ClientCredentials')) execute function portico_artifact_changed()`);

    this.addSql(`create function portico_sessions_ended() returns trigger language plpgsql as $$
      begin
        perform portico_tell_ended_access((select array_agg('session:' || uid) from ended));
        return null;
      end $$`);
    this.addSql(`create trigger oidc_session_deleted after delete on oidc_session
      referencing old table as ended for each statement execute function portico_sessions_ended()`);
    this.addSql(`create function portico_session_changed() returns trigger language plpgsql as $$
      begin
        perform portico_tell_ended_access(array['session:' || old.uid]);
        return null;
      end $$`);
    // Not each time that a session is used, only when its person or the grants of its clients are others.
    this.addSql(`create trigger oidc_session_changed after update on oidc_session for each row
      when (old.account_id is distinct from new.account_id or old.uid is distinct from new.uid
        or old.payload -> 'authorizations' is distinct from new.payload -> 'authorizations')
      execute function portico_session_changed()`);

    // Letter for letter what the services announce, of which PostgreSQL then sends one.
    this.addSql(`create function portico_account_changed() returns trigger language plpgsql as $$
      begin
        perform pg_notify('portico_change', format('{"topic":"account","accountId":"%s"}', new.id));
        return null;
      end $$`);
    this.addSql(`create trigger account_changed after update on account for each row
      when (old.status is distinct from new.status or old.roles is distinct from new.roles
        or old.username is distinct from new.username or old.email is distinct from new.email
        or old.email_verified_at is distinct from new.email_verified_at or old.name is distinct from new.name
        or old.profile is distinct from new.profile)
      execute function portico_account_changed()`);
  }
}
