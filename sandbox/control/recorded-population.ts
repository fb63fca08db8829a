import { hashPassword } from '../lms/auth/passwords.js';
import type { Lms } from '../lms/lms.js';
import { addCourse, addUser, courseMode } from '../lms/population.js';
import type { CourseMode, GrantType, OAuthApplication } from '../lms/rows.js';
import { InvalidLever } from './invalid-lever.js';

type Row = Readonly<Record<string, unknown>>;

/** The password of everybody in a recorded population. */
const PASSWORD = 'edx-pass-12345';

/**
 * Replaces people, applications, courses and what belongs to them by a recorded population: lists `users`, `applications`, `courses`,
 * `enrollments`, `grades`, `certificates`, `links`, `course_staff`, and one `provider`.
 *
 * @throws InvalidLever when it has no `users`
 */
export function seedRecorded(lms: Lms, population: Row): void {
  const { state } = lms;
  if (!Array.isArray(population.users)) throw new InvalidLever('"population" needs a list of "users".');
  state.atomically(() => {
    const connection = keepConnection(lms);
    state.clearPopulation();
    state.clearPopulationIds();
    const passwordHash = hashPassword(PASSWORD);
    const users = rows(population, 'users');
    // Rows may bring their ids; the others are numbered above them.
    state.skipIds('user', Math.max(0, ...users.map(({ id }) => (typeof id === 'number' ? id : 0))));
    for (const user of users) seedUser(lms, user, passwordHash);
    for (const application of rows(population, 'applications')) seedApplication(lms, application);
    connection.restore();
    for (const course of rows(population, 'courses')) seedCourse(lms, course);
    for (const enrollment of rows(population, 'enrollments')) {
      const { username, courseKey } = pair(enrollment);
      state.putEnrollment({
        id: state.nextId('enrollment'),
        username,
        courseKey,
        mode: text(enrollment.mode, 'audit'),
        isActive: enrollment.is_active !== false,
        created: text(enrollment.created),
        attributes: [],
      });
    }
    for (const grade of rows(population, 'grades')) {
      state.putGrade({
        ...pair(grade),
        percent: Number(grade.percent ?? 0),
        letterGrade: textOrNull(grade.letter_grade),
        passed: grade.passed === true,
        // Recorded grades were written as rows: no scores are behind them.
        scorePercent: null,
      });
    }
    for (const certificate of rows(population, 'certificates')) {
      const { status, mode, grade, verify_uuid: verifyUuid, created, modified } = certificate;
      const at = '2024-03-08T00:00:00Z';
      state.putCertificate({
        ...pair(certificate),
        status: text(status),
        mode: text(mode),
        grade: text(grade),
        verifyUuid: text(verifyUuid),
        created: text(created, at),
        modified: text(modified, at),
      });
    }
    for (const link of rows(population, 'links')) {
      state.putLink({
        id: state.nextId('link'),
        username: text(link.username),
        backend: text(link.provider, 'oa2-ol-oauth2').replace(/^oa2-/, ''),
        uid: text(link.remote_id),
      });
    }
    for (const { username, course_key: courseKey, role } of rows(population, 'course_staff')) {
      const [, org = ''] = /^course-v1:([^+]+)\+/.exec(text(courseKey)) ?? [];
      state.courseRoles.set(`${username} ${courseKey} ${role}`, {
        username: text(username),
        org,
        courseKey: text(courseKey),
        role: text(role),
      });
    }
    seedProvider(lms, population);
  });
}

function rows(population: Row, name: string): Row[] {
  const list = population[name];
  return Array.isArray(list) ? list.filter((row): row is Row => row !== null && typeof row === 'object') : [];
}

function text(value: unknown, otherwise = ''): string {
  return typeof value === 'string' ? value : otherwise;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function pair(row: Row): { username: string; courseKey: string } {
  return { username: text(row.username), courseKey: text(row.course_key) };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function seedUser({ state }: Lms, user: Row, passwordHash: string): void {
  addUser(state, {
    ...(typeof user.id === 'number' ? { id: user.id } : {}),
    username: text(user.username),
    email: text(user.email),
    name: text(user.name),
    passwordHash,
    dateJoined: text(user.date_joined, '2026-11-23T04:31:48Z'),
    isActive: user.is_active !== false,
    isStaff: user.is_staff === true,
    isSuperuser: user.is_superuser === true,
    hasProfile: user.has_profile !== false,
    profile: {
      yearOfBirth: typeof user.year_of_birth === 'number' ? user.year_of_birth : null,
      country: textOrNull(user.country),
    },
  });
}

function seedApplication({ state }: Lms, row: Row): void {
  const grants: readonly GrantType[] = ['authorization-code', 'client-credentials', 'password', 'implicit'];
  const application: OAuthApplication = {
    clientId: text(row.client_id),
    clientSecret: text(row.client_secret),
    type: row.type === 'public' ? 'public' : 'confidential',
    grant: grants.find((grant) => grant === row.grant) ?? 'authorization-code',
    redirectUris: texts(row.redirect_uris),
    skipAuthorization: row.skip_authorization === true,
    owner: text(row.owner),
    restricted: row.restricted === true,
    scopes: Array.isArray(row.scopes) ? texts(row.scopes) : null,
    filters: texts(row.filters),
  };
  state.applications.set(application.clientId, application);
}

function seedCourse({ state }: Lms, row: Row): void {
  const modes = Array.isArray(row.modes) ? (row.modes as Row[]).map(seedMode) : [];
  addCourse(state, {
    courseKey: text(row.course_key),
    displayName: text(row.display_name),
    start: textOrNull(row.start),
    end: textOrNull(row.end),
    enrollmentStart: textOrNull(row.enrollment_start),
    enrollmentEnd: textOrNull(row.enrollment_end),
    selfPaced: row.self_paced === true,
    invitationOnly: row.invitation_only === true,
    maxEnrollments:
      typeof row.max_student_enrollments_allowed === 'number' ? row.max_student_enrollments_allowed : null,
    catalogVisibility:
      row.catalog_visibility === 'none' ? 'none' : row.catalog_visibility === 'about' ? 'about' : 'both',
    modes,
    gradeCutoffs: { A: 0.9, B: 0.7, Pass: 0.5 },
  });
}

function seedMode(mode: Row): CourseMode {
  return courseMode(text(mode.slug), {
    name: text(mode.name),
    minPrice: Number(mode.min_price ?? 0),
    expiresAt: textOrNull(mode.expiration),
    sku: textOrNull(mode.sku),
    bulkSku: textOrNull(mode.bulk_sku),
  });
}

/** Portico's applications and its worker's long-lived token outlive the people, unless the population brings its own. */
function keepConnection({ state, credentials }: Lms): { restore: () => void } {
  const { apiClient, worker, retirement } = credentials;
  const ids = [apiClient.clientId, worker.clientId, retirement?.clientId ?? '', 'login-service-client-id'];
  const applications = ids.flatMap((id) => state.applications.get(id) ?? []);
  const token = state.accessTokens.get(credentials.worker.staticToken ?? '');
  return {
    restore() {
      for (const application of applications) {
        if (!state.applications.has(application.clientId)) state.applications.set(application.clientId, application);
      }
      if (token !== undefined) state.accessTokens.set(token.token, token);
    },
  };
}

/** How the provider row behaves comes with the population; its client stays the one that Portico knows. */
function seedProvider({ state }: Lms, population: Row): void {
  const { provider } = population;
  const row: Row = provider !== null && typeof provider === 'object' ? { ...provider } : {};
  state.provider = {
    ...state.provider,
    backend: text(row.slug, state.provider.backend),
    syncLearnerProfileData: row.sync_learner_profile_data === true,
  };
  if (state.user('retirement_worker') !== undefined)
    state.site = { ...state.site, retirementWorker: 'retirement_worker' };
}
