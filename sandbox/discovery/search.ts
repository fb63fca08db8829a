import type { CatalogCourse, CatalogRun, Program } from '../catalog/rows.js';
import type { Answer } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { numberPage } from '../lms/http/standard-page.js';
import type { View } from '../lms/http/view.js';
import type { Lms } from '../lms/lms.js';
import { organizationSummary } from './organization-view.js';
import { discoveryView, partnerOf } from './view-options.js';

const PAGE_SIZE = 20;

interface Hit {
  readonly contentType: 'course' | 'courserun' | 'program';
  readonly partner: string;
  readonly organizations: readonly string[];
  readonly text: string;
  readonly type: string;
  readonly status: string;
  readonly key: string;
  readonly view: Record<string, unknown>;
}

/** `search/all/`: hits come back grouped by type. */
export function searchViews(lms: Lms): View[] {
  return [
    discoveryView(lms, 'search/all/', (call) => search(lms, call, parameters(call)), {
      POST: async (call) => search(lms, call, await bodyParameters(call)),
    }),
  ];
}

type Parameters = ReadonlyMap<string, readonly string[]>;

/** A GET looks in its host's partner when it names none. */
function parameters(call: Call): Parameters {
  return new Map([...new Set(call.query.keys())].map((name) => [name, call.query.getAll(name)]));
}

async function bodyParameters(call: Call): Promise<Parameters> {
  const body: unknown = await call.data();
  const members = body !== null && typeof body === 'object' ? Object.entries(body) : [];
  return new Map(members.map(([name, value]) => [name, (Array.isArray(value) ? value : [value]).map(String)]));
}

function search(lms: Lms, call: Call, wanted: Parameters): Answer {
  const partners = wanted.get('partner') ?? (call.method === 'POST' ? null : [partnerOf(lms, call)]);
  const phrase = wanted.get('q')?.[0]?.toLowerCase() ?? '';
  const isWanted = (name: string, values: readonly string[]): boolean => {
    const asked = wanted.get(name);
    return asked === undefined || values.some((value) => asked.includes(value));
  };
  const hits = allHits(lms)
    .filter((hit) => partners?.includes(hit.partner) ?? true)
    .filter((hit) => isWanted('content_type', [hit.contentType]))
    .filter((hit) => isWanted('org', hit.organizations))
    .filter((hit) => isWanted('type', [hit.type]))
    .filter((hit) => isWanted('status', [hit.status]))
    .filter((hit) => isWanted('key', [hit.key]))
    .filter((hit) => phrase === '' || hit.text.includes(phrase));
  return numberPage(call, hits, PAGE_SIZE, ({ view }) => view);
}

function allHits(lms: Lms): Hit[] {
  const { catalog } = lms.state;
  const courses = [...catalog.courses.values()];
  return [
    ...courses.map((course) => courseHit(lms, course)),
    ...courses.flatMap((course) => course.runs.map((run) => runHit(lms, course, run))),
    ...[...catalog.programs.values()].map((program) => programHit(lms, program)),
  ];
}

function courseHit(lms: Lms, course: CatalogCourse): Hit {
  const { key, uuid, title, owners } = course;
  return {
    contentType: 'course',
    partner: partnerOfOwner(lms, owners),
    organizations: owners,
    text: `${key} ${title}`.toLowerCase(),
    type: '',
    status: '',
    key,
    view: {
      content_type: 'course',
      aggregation_key: `course:${key}`,
      key,
      uuid,
      title,
      organizations: owners,
      course_runs: course.runs.map((run) => ({ key: run.key, title: run.title, start: run.start, end: run.end })),
    },
  };
}

function runHit(lms: Lms, course: CatalogCourse, run: CatalogRun): Hit {
  const { key, title, status, start, end } = run;
  return {
    contentType: 'courserun',
    partner: partnerOfOwner(lms, course.owners),
    organizations: course.owners,
    text: `${key} ${title}`.toLowerCase(),
    type: run.seatTypes.find((type) => type !== 'audit') ?? 'audit',
    status,
    key,
    view: {
      content_type: 'courserun',
      aggregation_key: `courserun:${course.key}`,
      key,
      title,
      status,
      published: status === 'published',
      start,
      end,
      number: course.key.split('+')[1] ?? '',
      org: course.owners[0] ?? null,
      pacing_type: run.isSelfPaced ? 'self_paced' : 'instructor_paced',
    },
  };
}

function programHit({ state }: Lms, program: Program): Hit {
  const { uuid, title, subtitle, status, marketingUrl } = program;
  const organizations = program.organizations.flatMap((key) => state.catalog.organization(key) ?? []);
  const type = state.catalog.programTypes.get(program.type)?.name ?? program.type;
  return {
    contentType: 'program',
    partner: program.partner,
    organizations: program.organizations,
    text: `${uuid} ${title} ${subtitle}`.toLowerCase(),
    type,
    status,
    key: uuid,
    view: {
      content_type: 'program',
      aggregation_key: `program:${uuid}`,
      uuid,
      title,
      subtitle,
      type,
      status,
      published: status === 'active',
      hidden: program.isHidden,
      marketing_url: marketingUrl,
      card_image_url: null,
      authoring_organizations: organizations.map(organizationSummary),
      authoring_organization_uuids: organizations.map((each) => each.uuid),
      language: [],
    },
  };
}

function partnerOfOwner({ state }: Lms, [first = '']: readonly string[]): string {
  return state.catalog.organization(first)?.partner ?? '';
}
