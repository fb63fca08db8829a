import { type Answer, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import type { Lms } from '../../lms.js';
import type { ProgramCourseEnrollment, ProgramEnrollment } from '../../program-tables.js';
import type { LmsUser } from '../../rows.js';
import { SAML_BACKEND } from './key-lookup.js';

/**
 * `GET /support/program_enrollments_inspector_details/`: what the LMS knows of one learner, found by username or
 * e-mail (`edx_user`), or by organization and key (`org_key`, `external_user_key`).
 */
export function inspectLearner(lms: Lms, call: Call): Answer {
  const edxUser = call.argument('edx_user')?.trim() ?? '';
  const orgKey = call.argument('org_key')?.trim() ?? '';
  const key = call.argument('external_user_key')?.trim() ?? '';
  const { info, error } =
    edxUser !== '' ? byUser(lms, edxUser) : orgKey !== '' && key !== '' ? byKey(lms, orgKey, key) : NOTHING;
  return json({ error, org_keys: organizationKeys(lms).join(','), learner_program_enrollments: info });
}

/** Short names of the organizations that have an identity provider of their own. */
export function organizationKeys({ state }: Lms): string[] {
  const keys = [...state.programs.samlProviders.values()].flatMap(({ organization }) => organization ?? []);
  return [...new Set(keys)].sort();
}

interface Inspection {
  readonly info: Record<string, unknown>;
  readonly error: string;
}

const NOTHING: Inspection = {
  info: {},
  error:
    "To perform a search, you must provide either the student's (a) edX username, (b) email address associated with their edX account, or (c) Identity-providing institution and external key!",
};

function byUser(lms: Lms, nameOrEmail: string): Inspection {
  const { state } = lms;
  const user = state.user(nameOrEmail) ?? state.usersByEmail.one(nameOrEmail.toLowerCase());
  if (user === undefined) return { info: {}, error: `Could not find edx account with ${nameOrEmail}` };
  const links = state.linksByUsername.of(user.username.toLowerCase()).filter(({ backend }) => backend === SAML_BACKEND);
  const rows = state.programs.byUsername.of(user.username.toLowerCase());
  return {
    info: {
      ...userPart(
        user,
        links.map(({ uid }) => uid),
      ),
      ...enrollmentsPart(lms, rows),
    },
    error: '',
  };
}

function byKey(lms: Lms, orgKey: string, key: string): Inspection {
  const { state } = lms;
  const provider = [...state.programs.samlProviders.values()].find(({ organization }) => organization === orgKey);
  if (provider === undefined)
    return { info: {}, error: `No user found for external key ${key} for institution ${orgKey}` };
  const uid = `${provider.slug}:${key}`;
  const link = [...state.links.values()].find(
    (each) => each.backend === SAML_BACKEND && each.uid.toLowerCase() === uid.toLowerCase(),
  );
  const user = link === undefined ? undefined : state.user(link.username);
  const rows = state.programs.byKey
    .of(key.toLowerCase())
    .filter(({ programUuid }) => state.catalog.programs.get(programUuid)?.organizations[0] === orgKey);
  if (user === undefined && rows.length === 0)
    return { info: {}, error: `No user found for external key ${key} for institution ${orgKey}` };
  const known =
    user === undefined || link === undefined ? { user: { external_user_key: key } } : userPart(user, [link.uid]);
  return { info: { ...known, ...enrollmentsPart(lms, rows) }, error: '' };
}

function userPart(user: LmsUser, uids: readonly string[]): Record<string, unknown> {
  return {
    user: {
      username: user.username,
      email: user.email,
      ...(uids.length > 0 ? { sso_list: uids.map((uid) => ({ uid })) } : {}),
    },
    id_verification: { status: 'none', error: '', should_display: true, verification_expiry: '', status_date: '' },
  };
}

function enrollmentsPart(lms: Lms, rows: readonly ProgramEnrollment[]): Record<string, unknown> {
  return rows.length === 0 ? {} : { enrollments: rows.map((row) => enrollmentView(lms, row)) };
}

function enrollmentView(lms: Lms, row: ProgramEnrollment): Record<string, unknown> {
  const { state } = lms;
  const courses = state.programs.byEnrollment.of(String(row.id));
  return {
    created: row.created,
    modified: row.modified,
    external_user_key: row.studentKey,
    status: row.status,
    program_uuid: row.programUuid,
    program_name: state.catalog.programs.get(row.programUuid)?.title ?? '',
    ...(courses.length === 0
      ? {}
      : { program_course_enrollments: courses.map((course) => courseView(lms, row, course)) }),
  };
}

function courseView(lms: Lms, { username }: ProgramEnrollment, row: ProgramCourseEnrollment): Record<string, unknown> {
  const enrollment = row.isAttached && username !== null ? lms.state.enrollment(username, row.courseKey) : undefined;
  return {
    created: row.created,
    modified: row.modified,
    status: row.status,
    course_key: row.courseKey,
    course_url: `${lms.rootUrl()}/courses/${row.courseKey}/course`,
    course_enrollment:
      enrollment === undefined
        ? null
        : { course_id: enrollment.courseKey, is_active: enrollment.isActive, mode: enrollment.mode },
  };
}
