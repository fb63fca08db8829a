import { Migration } from '@mikro-orm/migrations';

const base = `id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null`;

/** The tables of identity, OAuth, linkage and enrollment. Forward only. */
export class Migration20261125000001_first extends Migration {
  override up(): void {
    this.addSql(`create table account (
      ${base},
      username text not null, email text not null, email_verified_at timestamptz, name text not null,
      password_hash text, password_changed_at timestamptz,
      status text not null default 'ACTIVE' check (status in ('ACTIVE','DEACTIVATED','BLOCKED','RETIRED')),
      roles text[] not null default '{}', profile jsonb not null default '{}',
      terms_version text, terms_agreed_at timestamptz, last_signed_in_at timestamptz)`);
    this.addSql(`create unique index account_username on account (lower(username))`);
    this.addSql(`create unique index account_email on account (lower(email))`);

    this.addSql(`create table registration (
      ${base},
      email text not null, token_hash text not null unique, link_hash text not null unique, code_hash text not null,
      code_attempts int not null default 0, confirmed_at timestamptz, expires_at timestamptz not null, next text)`);
    this.addSql(`create index registration_expires_at on registration (expires_at)`);

    this.addSql(`create table edx_link (
      ${base},
      account_id uuid not null unique references account (id) on delete cascade,
      state text not null default 'NOT_LINKED' check (state in ('NOT_LINKED','PENDING','CREATING','LINKED','CONFLICT','REJECTED','MISSING_UPSTREAM','DEACTIVATED')),
      edx_username text, edx_user_id int, provider_id text not null, remote_id text,
      attempts int not null default 0, next_attempt_at timestamptz, last_error jsonb, linked_at timestamptz,
      api_access_token text, api_refresh_token text, api_token_expires_at timestamptz, api_token_refreshed_at timestamptz,
      api_token_last_error jsonb)`);
    this.addSql(
      `create unique index edx_link_edx_username on edx_link (lower(edx_username)) where edx_username is not null`,
    );
    this.addSql(
      `create unique index edx_link_remote_id on edx_link (provider_id, remote_id) where remote_id is not null`,
    );
    this.addSql(`create index edx_link_state on edx_link (state, id)`);
    this.addSql(`create table edx_link_event (
      id uuid primary key, edx_link_id uuid not null references edx_link (id) on delete cascade,
      at timestamptz not null, from_state text, to_state text not null, actor_id uuid, cause text not null, detail jsonb)`);
    this.addSql(`create index edx_link_event_link on edx_link_event (edx_link_id, id)`);

    this.addSql(`create table course_run (
      ${base},
      course_key text not null unique, title text not null, org text not null, number text not null,
      "start" timestamptz, "end" timestamptz, enrollment_start timestamptz, enrollment_end timestamptz, pacing text,
      invitation_only boolean not null default false, hidden boolean not null default false, image_url text,
      as_of timestamptz not null)`);

    this.addSql(`create table enrollment (
      ${base},
      account_id uuid not null references account (id) on delete cascade,
      course_key text not null, lms_username text not null, mode text, requested_mode text,
      state text not null check (state in ('PENDING','ACTIVE','INACTIVE','REJECTED','DEFERRED','TRANSFERRED','REFUNDED')),
      intent text check (intent in ('ENROLL','UNENROLL','CHANGE_MODE')),
      force boolean not null default false, request_version int not null default 1, requested_by uuid,
      confirmed_by_lms boolean not null default false, confirmed_at timestamptz, lms_created_at timestamptz,
      attempts int not null default 0, next_attempt_at timestamptz, last_error jsonb,
      unique (account_id, course_key))`);
    this.addSql(`create index enrollment_account on enrollment (account_id, id)`);
    this.addSql(`create index enrollment_course on enrollment (course_key, id)`);
    this.addSql(`create index enrollment_intent on enrollment (next_attempt_at) where intent is not null`);
    this.addSql(`create table enrollment_event (
      id uuid primary key, enrollment_id uuid not null references enrollment (id) on delete cascade,
      at timestamptz not null, before jsonb, after jsonb not null, actor_id uuid, cause text not null)`);
    this.addSql(`create index enrollment_event_enrollment on enrollment_event (enrollment_id, id)`);

    this.addSql(`create table oauth_client (
      ${base},
      client_id text not null unique, name text not null, type text not null check (type in ('CONFIDENTIAL','PUBLIC')),
      grant_types text[] not null, redirect_uris text[] not null default '{}', post_logout_redirect_uris text[] not null default '{}',
      backchannel_logout_uri text, scopes text[] not null default '{}', owner_id uuid references account (id) on delete cascade,
      skip_consent boolean not null default false, require_pkce boolean not null default true,
      allow_redirect_state boolean not null default false,
      token_format text not null default 'OPAQUE' check (token_format in ('OPAQUE','JWT')), metadata jsonb not null default '{}')`);
    this.addSql(`create table oauth_client_secret (
      id uuid primary key, oauth_client_id uuid not null references oauth_client (id) on delete cascade,
      hash text not null, hint text not null, created_at timestamptz not null, expires_at timestamptz, last_used_at timestamptz)`);
    this.addSql(`create index oauth_client_secret_client on oauth_client_secret (oauth_client_id)`);
    this.addSql(`create table oauth_consent (
      ${base},
      account_id uuid not null references account (id) on delete cascade, client_id text not null, scopes text[] not null,
      revoked_at timestamptz, unique (account_id, client_id))`);

    this.addSql(`create table oidc_artifact (
      model text not null, id text not null, grant_id text, user_code text, account_id text, client_id text,
      payload jsonb not null, consumed_at timestamptz, expires_at timestamptz, created_at timestamptz not null,
      primary key (model, id))`);
    this.addSql(`create index oidc_artifact_grant on oidc_artifact (grant_id, model) where grant_id is not null`);
    this.addSql(`create unique index oidc_artifact_user_code on oidc_artifact (user_code) where user_code is not null`);
    this.addSql(`create index oidc_artifact_account on oidc_artifact (account_id, model) where account_id is not null`);
    this.addSql(`create index oidc_artifact_expires_at on oidc_artifact (expires_at)`);
    this.addSql(`create table oidc_session (
      id text primary key, uid text not null, account_id text, payload jsonb not null, user_agent text, address text,
      created_at timestamptz not null, last_seen_at timestamptz not null, expires_at timestamptz) with (fillfactor = 70)`);
    this.addSql(`create index oidc_session_uid on oidc_session (uid)`);
    this.addSql(`create index oidc_session_account on oidc_session (account_id) where account_id is not null`);
    this.addSql(`create index oidc_session_expires_at on oidc_session (expires_at)`);

    this.addSql(`create table signing_key (
      kid text primary key, algorithm text not null, purpose text not null,
      state text not null check (state in ('PUBLISHED','ACTIVE','RETIRING','RETIRED')),
      private_jwk text not null, created_at timestamptz not null, active_from timestamptz not null, retired_at timestamptz)`);
    this.addSql(`create unique index signing_key_active on signing_key (purpose, algorithm) where state = 'ACTIVE'`);

    this.addSql(`create table audit_event (
      id uuid primary key, at timestamptz not null, action text not null, outcome text not null,
      actor_id uuid, client_id text, subject_id uuid, address text, detail jsonb)`);
    this.addSql(`create index audit_event_subject on audit_event (subject_id, id) where subject_id is not null`);
    this.addSql(`create index audit_event_actor on audit_event (actor_id, id) where actor_id is not null`);

    this.addSql(`create table idempotency_key (
      caller_id text not null, operation text not null, key text not null, input_hash text not null, result_id uuid not null,
      created_at timestamptz not null, primary key (caller_id, operation, key))`);
    this.addSql(`create index idempotency_key_created_at on idempotency_key (created_at)`);
  }
}
