import { type Answer, empty, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { ApiError } from '../http/errors.js';
import { numberedPage, pageEnvelope } from '../http/pages.js';
import { type ApiViewOptions, apiView, LmsCrash, type View } from '../http/view.js';
import type { Lms } from '../lms.js';
import type { Cohort, CourseRun } from '../rows.js';
import { requireStaff } from './access.js';
import { addToCohort, cohortsOf, putCohort, removeFromCohort } from './cohort-members.js';
import { isCourseKey } from './course-key.js';

const PAGE_SIZES = { byDefault: 10, most: 100 };

/** `/api/cohorts/v1`: whether a course has cohorts, which, and who is in them. */
export function cohortViews(lms: Lms): View[] {
  const view = { profile: 'P1', errors: 'E2', permission: requireStaff } satisfies Partial<ApiViewOptions>;
  const course = '/api/cohorts/v1/courses/(?<course_key>[^/+]+\\+[^/+]+\\+[^/]+)/cohorts';
  const one = new RegExp(`^${course}/(?<cohort_id>\\d+)$`);
  return [
    apiView('/api/cohorts/v1/settings/{course_key}', {
      ...view,
      methods: { GET: (call) => readSettings(lms, call), PUT: (call) => changeSettings(lms, call) },
    }),
    apiView(new RegExp(`^${course}/$`), {
      ...view,
      methods: { GET: (call) => listCohorts(lms, call), POST: (call) => createCohort(lms, call) },
    }),
    apiView(one, {
      ...view,
      methods: {
        GET: (call) => json(cohortView(findCohort(lms, call))),
        PATCH: (call) => renameCohort(lms, call),
      },
    }),
    apiView(new RegExp(`^${course}/(?<cohort_id>\\d+)/users/$`), {
      ...view,
      methods: { GET: (call) => listMembers(lms, call), POST: (call) => addMembers(lms, call) },
    }),
    apiView(new RegExp(`^${course}/(?<cohort_id>\\d+)/users/(?<username>.+)$`), {
      ...view,
      methods: { DELETE: (call) => removeMember(lms, call) },
    }),
  ];
}

function findCourse({ state }: Lms, call: Call): CourseRun {
  const key = call.param('course_key');
  if (!isCourseKey(key)) throw new LmsCrash('InvalidKeyError');
  const course = state.course(key);
  if (course === undefined) throw new ApiError(404, 'Not found.');
  return course;
}

async function readFields(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await call.data();
  return body !== null && typeof body === 'object' ? { ...body } : {};
}

/** Reading the settings of a course makes their row. */
function settingsOf({ state }: Lms, courseKey: string): { id: number; courseKey: string; isCohorted: boolean } {
  const settings = state.cohortSettings.get(courseKey) ?? {
    id: state.nextId('cohortSettings'),
    courseKey,
    isCohorted: false,
  };
  state.cohortSettings.set(courseKey, settings);
  return settings;
}

function readSettings(lms: Lms, call: Call): Answer {
  const { id, isCohorted } = settingsOf(lms, findCourse(lms, call).courseKey);
  return json({ id, is_cohorted: isCohorted });
}

async function changeSettings(lms: Lms, call: Call): Promise<Answer> {
  const { courseKey } = findCourse(lms, call);
  const { is_cohorted: isCohorted } = await readFields(call);
  if (isCohorted === undefined) throw new ApiError(400, 'Missing required parameter(s): is_cohorted.');
  if (typeof isCohorted !== 'boolean') throw new ApiError(400, 'Cohorted must be a boolean');
  const settings = { ...settingsOf(lms, courseKey), isCohorted };
  lms.state.cohortSettings.set(courseKey, settings);
  return json({ id: settings.id, is_cohorted: isCohorted });
}

function cohortView({ name, id, usernames, assignmentType }: Cohort): Record<string, unknown> {
  return {
    name,
    id,
    user_count: usernames.length,
    assignment_type: assignmentType,
    user_partition_id: null,
    group_id: null,
  };
}

/** Pages are cut, but the answer does not say so: a bare list. */
function listCohorts(lms: Lms, call: Call): Answer {
  const all = cohortsOf(lms, findCourse(lms, call).courseKey).sort((a, b) => (a.name < b.name ? -1 : 1));
  return json(numberedPage(call, all, PAGE_SIZES).rows.map(cohortView));
}

async function createCohort(lms: Lms, call: Call): Promise<Answer> {
  const { courseKey } = findCourse(lms, call);
  const { name, assignment_type: type } = await readFields(call);
  if (typeof name !== 'string' || name === '') throw new ApiError(400, 'Missing required parameter(s): name.');
  if (type !== 'manual' && type !== 'random')
    throw new ApiError(
      400,
      type === undefined
        ? 'Missing required parameter(s): assignment_type.'
        : `'${type}' is an invalid assignment type`,
    );
  if (cohortsOf(lms, courseKey).some((cohort) => cohort.name === name))
    throw new ApiError(400, 'You cannot create two cohorts with the same name');
  const cohort: Cohort = { id: lms.state.nextId('cohort'), courseKey, name, assignmentType: type, usernames: [] };
  putCohort(lms, cohort);
  return json(cohortView(cohort));
}

function findCohort(lms: Lms, call: Call): Cohort {
  const id = Number(call.param('cohort_id'));
  const cohort = cohortsOf(lms, findCourse(lms, call).courseKey).find((each) => each.id === id);
  if (cohort === undefined) throw new ApiError(404, 'Cohort not found.');
  return cohort;
}

async function renameCohort(lms: Lms, call: Call): Promise<Answer> {
  const cohort = findCohort(lms, call);
  const { name, assignment_type: type } = await readFields(call);
  const assignmentType = type === 'manual' || type === 'random' ? type : cohort.assignmentType;
  lms.state.atomically(() => {
    lms.state.cohorts.delete(`${cohort.courseKey} ${cohort.name}`);
    putCohort(lms, { ...cohort, name: typeof name === 'string' && name !== '' ? name : cohort.name, assignmentType });
  });
  return empty(204);
}

function listMembers(lms: Lms, call: Call): Answer {
  const members = findCohort(lms, call).usernames.flatMap((name) => {
    const user = lms.state.user(name);
    return user ? [{ username: user.username, email: user.email, name: user.profile?.name ?? '' }] : [];
  });
  return json(pageEnvelope(numberedPage(call, members, PAGE_SIZES)));
}

/** Names or addresses; what became of each is told apart. */
async function addMembers(lms: Lms, call: Call): Promise<Answer> {
  const cohort = findCohort(lms, call);
  const { users } = await readFields(call);
  const wanted = Array.isArray(users) ? users.map(String) : [];
  const [added, changed, present, unknown]: [unknown[], unknown[], string[], string[]] = [[], [], [], []];
  for (const identifier of wanted) {
    const user = lms.state.user(identifier) ?? lms.state.usersByEmail.one(identifier.toLowerCase());
    if (user === undefined) {
      unknown.push(identifier);
      continue;
    }
    const { username, email } = user;
    const before = cohortsOf(lms, cohort.courseKey).find(({ usernames }) => usernames.includes(username));
    if (before?.id === cohort.id) present.push(username);
    else if (before) changed.push({ username, email, previous_cohort: before.name });
    else added.push({ username, email });
    addToCohort(lms, cohort.courseKey, cohort.name, username);
  }
  return json({ success: true, added, changed, present, unknown, preassigned: [], invalid: [] });
}

function removeMember(lms: Lms, call: Call): Answer {
  const cohort = findCohort(lms, call);
  const user = lms.state.user(call.param('username'));
  if (user === undefined) throw new ApiError(404, 'User does not exist.');
  removeFromCohort(lms, cohort, user.username);
  return empty(204);
}
