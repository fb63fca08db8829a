import { Migration } from '@mikro-orm/migrations';

const common = 'id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null';

/** Programs, their learners and partners; what the LMS and Discovery have the say in is kept as last seen. Forward only. */
export class Migration20261125000050_programs extends Migration {
  override up(): void {
    this.addSql(
      `create table organization (${common}, key text not null, name text not null, discovery_uuid uuid unique)`,
    );
    this.addSql('create unique index organization_key on organization (lower(key))');
    this.addSql(`create table program (${common},
      key text not null, discovery_uuid uuid unique, organization_id uuid not null references organization (id),
      title text, type_slug text, type_name text, status text, url text, active_curriculum_uuid uuid,
      details jsonb, synced_at timestamptz)`);
    this.addSql('create unique index program_key on program (lower(key))');
    this.addSql('create index program_organization_id on program (organization_id)');
    this.addLearners();
    this.addEnrollments();
    this.addPartners();
  }

  private addLearners(): void {
    this.addSql(`create table learner_link (${common},
      organization_id uuid not null references organization (id), external_key text not null,
      state text not null check (state in ('WAITING', 'LINKED', 'CONFLICT', 'RETIRED')),
      account_id uuid references account (id), lms_username text, lms_user_id int,
      source text not null, reason text, linked_at timestamptz,
      check (state <> 'LINKED' or account_id is not null or lms_username is not null or lms_user_id is not null))`);
    this.addSql('create unique index learner_link_key on learner_link (organization_id, lower(external_key))');
    this.addSql(
      `create unique index learner_link_account on learner_link (account_id, organization_id) where state = 'LINKED'`,
    );
    this.addSql('create index learner_link_external_key on learner_link (lower(external_key))');
    this.addSql(
      'create index learner_link_lms_username on learner_link (lower(lms_username)) where lms_username is not null',
    );
    this.addSql('create index learner_link_lms_user_id on learner_link (lms_user_id) where lms_user_id is not null');
    this.addSql(`create index learner_link_waiting on learner_link (organization_id, id) where state = 'WAITING'`);
    this.addSql(`create table learner_link_event (
      id uuid primary key, learner_link_id uuid not null references learner_link (id) on delete cascade,
      at timestamptz not null, from_state text, to_state text not null, actor_id uuid, cause text not null, detail jsonb)`);
    this.addSql('create index learner_link_event_learner_link_id on learner_link_event (learner_link_id, id)');
  }

  private addEnrollments(): void {
    this.addSql(`create table program_enrollment (${common},
      program_id uuid not null references program (id), curriculum_uuid uuid,
      learner_link_id uuid not null references learner_link (id) on delete cascade,
      status text not null check (status in ('enrolled', 'pending', 'suspended', 'canceled', 'ended')),
      confirmed_at timestamptz, as_of timestamptz not null,
      unique (program_id, learner_link_id))`);
    this.addSql('create index program_enrollment_learner_link_id on program_enrollment (learner_link_id)');
    this.addSql('create index program_enrollment_program_id on program_enrollment (program_id, id)');
    this.addSql(`create table program_course_enrollment (${common},
      program_enrollment_id uuid not null references program_enrollment (id) on delete cascade,
      course_key text not null, status text not null check (status in ('active', 'inactive')),
      course_staff boolean, confirmed_at timestamptz, as_of timestamptz not null,
      unique (program_enrollment_id, course_key))`);
  }

  private addPartners(): void {
    this.addSql(`create table partner_grant (${common},
      account_id uuid references account (id) on delete cascade, email text,
      organization_id uuid references organization (id) on delete cascade,
      program_id uuid references program (id) on delete cascade,
      role text not null, granted_by uuid,
      check (num_nonnulls(account_id, email) = 1), check (num_nonnulls(organization_id, program_id) = 1))`);
    this.addSql(`create unique index partner_grant_once on partner_grant
      (coalesce(account_id::text, lower(email)), coalesce(organization_id, program_id), role)`);
    this.addSql('create index partner_grant_account_id on partner_grant (account_id)');
    this.addSql('create index partner_grant_email on partner_grant (lower(email)) where email is not null');
    this.addSql('create index partner_grant_organization_id on partner_grant (organization_id)');
    this.addSql('create index partner_grant_program_id on partner_grant (program_id)');
    this.addSql(`create table client_provider (${common},
      oauth_client_id uuid not null references oauth_client (id) on delete cascade, provider_id text not null,
      unique (oauth_client_id, provider_id))`);
  }
}
