import { type Answer, empty, json } from '../../http/answer.js';
import type { Call } from '../../http/call.js';
import { AnswerNow, notFound } from '../../http/errors.js';
import { type ApiViewOptions, apiView, LmsCrash, type View } from '../../http/view.js';
import type { Lms } from '../../lms.js';
import { courseMode } from '../../population.js';
import type { CourseMode, CourseRun } from '../../rows.js';
import { requireStaffOrSelf } from '../access.js';
import { isCourseKey } from '../course-key.js';

/** `/api/course_modes/v1/courses/{key}/`: the modes of a course, expired ones included; staff may change them. */
export function courseModeViews(lms: Lms): View[] {
  const view = {
    profile: 'P1',
    scopes: ['course_modes:read'],
    permission: requireStaffOrSelf,
  } satisfies Partial<ApiViewOptions>;
  const one = '/api/course_modes/v1/courses/{course_key}/{slug}';
  return [
    apiView('/api/course_modes/v1/courses/{course_key}/', {
      ...view,
      methods: { GET: (call) => listModes(lms, call), POST: (call) => createMode(lms, call) },
    }),
    apiView(one, {
      ...view,
      accepts: ['merge-patch'],
      methods: {
        GET: (call) => {
          const { course, mode } = findMode(lms, call);
          return json(modeView(course, mode));
        },
        PATCH: (call) => changeMode(lms, call),
        DELETE: (call) => {
          const { course, mode } = findMode(lms, call);
          putModes(
            lms,
            course,
            course.modes.filter((each) => each !== mode),
          );
          return empty(204);
        },
      },
    }),
  ];
}

function findCourse({ state }: Lms, call: Call): CourseRun | undefined {
  const key = call.param('course_key');
  if (!isCourseKey(key)) throw new LmsCrash('InvalidKeyError');
  return state.course(key);
}

function modeView({ courseKey }: CourseRun, mode: CourseMode): Record<string, unknown> {
  return {
    course_id: courseKey,
    mode_slug: mode.slug,
    mode_display_name: mode.name,
    min_price: mode.minPrice,
    currency: mode.currency,
    expiration_datetime: mode.expiresAt,
    expiration_datetime_is_explicit: false,
    description: mode.description,
    sku: mode.sku,
    bulk_sku: mode.bulkSku,
  };
}

function listModes(lms: Lms, call: Call): Answer {
  const course = findCourse(lms, call);
  return json(course?.modes.map((mode) => modeView(course, mode)) ?? []);
}

function findMode(lms: Lms, call: Call): { course: CourseRun; mode: CourseMode } {
  const course = findCourse(lms, call);
  const mode = course?.modes.find(({ slug }) => slug === call.param('slug'));
  if (course === undefined || mode === undefined) throw notFound();
  return { course, mode };
}

function putModes({ state }: Lms, course: CourseRun, modes: readonly CourseMode[]): void {
  state.putCourse({ ...course, modes });
}

async function readFields(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await call.data();
  return body !== null && typeof body === 'object' ? { ...body } : {};
}

async function createMode(lms: Lms, call: Call): Promise<Answer> {
  const fields = await readFields(call);
  const required = ['course_id', 'mode_slug', 'mode_display_name', 'currency'];
  const missing = required.filter((name) => fields[name] === undefined);
  if (missing.length > 0)
    return json(Object.fromEntries(missing.map((name) => [name, ['This field is required.']])), 400);
  const course = lms.state.course(String(fields.course_id));
  if (course === undefined) throw new LmsCrash('CourseOverview matching query does not exist.');
  const mode = withFields(courseMode(String(fields.mode_slug), { name: '' }), fields);
  putModes(lms, course, [...course.modes.filter(({ slug }) => slug !== mode.slug), mode]);
  return json(modeView(course, mode), 201);
}

async function changeMode(lms: Lms, call: Call): Promise<Answer> {
  const { course, mode } = findMode(lms, call);
  const fields = await readFields(call);
  const fixed = ['course_id', 'mode_slug'].filter((name) => name in fields);
  if (fixed.length > 0)
    throw new AnswerNow(json(Object.fromEntries(fixed.map((name) => [name, ['This field cannot be modified.']])), 400));
  putModes(
    lms,
    course,
    course.modes.map((each) => (each === mode ? withFields(mode, fields) : each)),
  );
  return empty(204);
}

function withFields(mode: CourseMode, fields: Readonly<Record<string, unknown>>): CourseMode {
  const text = (name: string, before: string | null): string | null => {
    const value = fields[name];
    return typeof value === 'string' || value === null ? value : before;
  };
  return {
    ...mode,
    name: text('mode_display_name', mode.name) ?? '',
    minPrice: typeof fields.min_price === 'number' ? fields.min_price : mode.minPrice,
    currency: text('currency', mode.currency) ?? 'usd',
    expiresAt: text('expiration_datetime', mode.expiresAt),
    description: text('description', mode.description),
    sku: text('sku', mode.sku),
    bulkSku: text('bulk_sku', mode.bulkSku),
  };
}
