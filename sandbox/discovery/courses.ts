import type { CatalogCourse, CatalogRun, Program } from '../catalog/rows.js';
import { type Answer, json } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { AnswerNow, notFound } from '../lms/http/errors.js';
import type { View } from '../lms/http/view.js';
import type { Lms } from '../lms/lms.js';
import { courseView, owners, runView } from './course-view.js';
import { booleanFilter, commaList, discoveryView, flag, listAnswer, partnerOf, trim } from './view-options.js';

/** `courses/` and `course_runs/`. */
export function courseViews(lms: Lms): View[] {
  return [
    discoveryView(lms, 'courses/', (call) => listCourses(lms, call)),
    discoveryView(lms, 'courses/{key_or_uuid}/', (call) => {
      const id = call.param('key_or_uuid');
      const course = coursesOf(lms, call).find(({ key, uuid }) => key === id || uuid === id.toLowerCase());
      if (course === undefined) throw notFound();
      return json(trim(call, courseDetail(lms, call, course)));
    }),
    discoveryView(lms, 'course_runs/', (call) => listRuns(lms, call)),
    discoveryView(lms, 'course_runs/contains/', (call) => containsRuns(lms, call)),
    discoveryView(lms, 'course_runs/{course_key}/', (call) => {
      const found = runsOf(lms, call).find(({ run }) => run.key === call.param('course_key'));
      if (found === undefined) throw notFound();
      return json(trim(call, runDetail(lms, call, found)));
    }),
  ];
}

/** Courses of the host's partner: by their first owner. */
function coursesOf(lms: Lms, call: Call): CatalogCourse[] {
  const { catalog } = lms.state;
  const partner = partnerOf(lms, call);
  return [...catalog.courses.values()].filter(
    ({ owners: [first = ''] }) => (catalog.organization(first)?.partner ?? partner) === partner,
  );
}

function listCourses(lms: Lms, call: Call): Answer {
  const keys = commaList(call, 'keys');
  const uuids = commaList(call, 'uuids');
  const statuses = commaList(call, 'course_run_statuses');
  const phrase = call.argument('q')?.toLowerCase() || null;
  const rows = coursesOf(lms, call)
    .filter(({ key }) => keys?.includes(key) ?? true)
    .filter(({ uuid }) => uuids?.includes(uuid) ?? true)
    .filter(({ runs }) => statuses === null || runs.some(({ status }) => statuses.includes(status)))
    .filter(({ key, title }) => phrase === null || `${key} ${title}`.toLowerCase().includes(phrase));
  return listAnswer(call, rows, (course) => courseDetail(lms, call, course));
}

function courseDetail(lms: Lms, call: Call, course: CatalogCourse): Record<string, unknown> {
  const first = course.runs[0];
  return {
    ...courseView(lms, call, course, course.runs),
    owners: owners(lms, course),
    full_description: null,
    level_type: null,
    subjects: [],
    course_run_keys: course.runs.map(({ key }) => key),
    canonical_course_run_key: first?.key ?? null,
    advertised_course_run_uuid: first?.uuid ?? null,
    programs: programsWith(lms, call, course.key).map((program) => ({
      uuid: program.uuid,
      title: program.title,
      type: lms.state.catalog.programTypes.get(program.type)?.name ?? program.type,
      type_attrs: { slug: program.type },
      marketing_slug: program.marketingSlug,
      marketing_url: program.marketingUrl,
      number_of_courses: program.courses.length,
    })),
  };
}

/** Programs that have the course themselves; those that are not active only when they are asked for. */
function programsWith(lms: Lms, call: Call, courseKey: string): Program[] {
  const shown = ['unpublished', 'retired', 'deleted'].filter((status) => flag(call, `include_${status}_programs`));
  return [...lms.state.catalog.programs.values()].filter(
    ({ status, courses }) => (status === 'active' || shown.includes(status)) && courses.includes(courseKey),
  );
}

interface RunOfCourse {
  readonly run: CatalogRun;
  readonly course: CatalogCourse;
}

function runsOf(lms: Lms, call: Call): RunOfCourse[] {
  return coursesOf(lms, call).flatMap((course) => course.runs.map((run) => ({ run, course })));
}

function listRuns(lms: Lms, call: Call): Answer {
  const keys = commaList(call, 'keys');
  const isMarketable = booleanFilter(call, 'marketable');
  const phrase = call.argument('q')?.toLowerCase() || null;
  const rows = runsOf(lms, call)
    .filter(({ run }) => keys?.includes(run.key) ?? true)
    .filter(({ run }) => isMarketable !== true || run.status === 'published')
    .filter(({ run }) => phrase === null || `${run.key} ${run.title}`.toLowerCase().includes(phrase));
  if (call.argument('ordering') === 'start') rows.sort((a, b) => (a.run.start ?? '').localeCompare(b.run.start ?? ''));
  return listAnswer(call, rows, (row) => runDetail(lms, call, row));
}

function runDetail(lms: Lms, call: Call, { run, course }: RunOfCourse): Record<string, unknown> {
  return {
    ...runView(call, run),
    course: course.key,
    course_uuid: course.uuid,
    full_description: null,
    content_language: null,
    transcript_languages: [],
    min_effort: null,
    max_effort: null,
    mobile_available: lms.state.course(run.key)?.mobileAvailable ?? false,
    staff: [],
    programs: programsWith(lms, call, course.key).map(({ uuid, title }) => ({ uuid, title })),
  };
}

/** Which of the given runs a search finds; here a search for a text of their keys and titles. */
function containsRuns(lms: Lms, call: Call): Answer {
  const phrase = call.argument('query')?.toLowerCase();
  const keys = commaList(call, 'course_run_ids');
  if (!phrase || keys === null)
    throw new AnswerNow(json('CourseRun must be queried with both query and course_run_ids', 400));
  const found = new Set(
    runsOf(lms, call)
      .filter(({ run }) => phrase === '*' || `${run.key} ${run.title}`.toLowerCase().includes(phrase))
      .map(({ run }) => run.key),
  );
  return json({ course_runs: Object.fromEntries(keys.map((key) => [key, found.has(key)])) });
}
