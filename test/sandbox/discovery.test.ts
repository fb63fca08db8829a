import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addOrganization, addProgram } from '../../sandbox/catalog/add.js';
import { DEMO_PROGRAMS } from '../../sandbox/lms/demo-programs.js';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { jsonOf, jwtOf, TEST_SANDBOX } from './credentials.js';

let sandbox: RunningSandbox;
let worker: string;

beforeAll(async () => {
  sandbox = await startSandbox(TEST_SANDBOX);
  worker = await jwtOf(sandbox);
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await fetch(`${sandbox.discoveryUrl}/_sandbox/state`, { method: 'DELETE' });
});

interface Program {
  uuid: string;
  title: string;
  type: string;
  type_attrs: { slug: string };
  curricula: {
    is_active: boolean;
    courses: { course_runs: { key: string; external_key: string | null }[] }[];
    programs: Program[];
  }[];
  authoring_organizations: { key: string }[];
}

interface Page {
  count: number;
  next: string | null;
  previous: string | null;
  results: Program[];
}

function get(path: string, token = worker): Promise<Response> {
  return fetch(`${sandbox.discoveryUrl}/api/v1/${path}`, {
    redirect: 'manual',
    headers: { authorization: `JWT ${token}` },
  });
}

test('the demo has three programs of DemoU, one of which two organizations share', async () => {
  const page = await jsonOf<Page>(get('programs/?exclude_utm=1'));
  expect(page).toMatchObject({ count: 3, next: null, previous: null });
  expect(
    page.results.map(({ type_attrs, authoring_organizations }) => [
      type_attrs.slug,
      authoring_organizations.map(({ key }) => key),
    ]),
  ).toEqual([
    ['masters', ['DemoU']],
    ['micromasters', ['DemoU']],
    ['professional-certificate', ['DemoU', 'OpenSchool']],
  ]);
});

test('a program has its inactive curriculum too, a nested program, and a run without external key', async () => {
  const program = await jsonOf<Program>(get(`programs/${DEMO_PROGRAMS.masters.uuid}/`));
  expect(program.curricula.map(({ is_active }) => is_active)).toEqual([false, true]);
  const active = program.curricula[1];
  expect(active?.courses.flatMap(({ course_runs }) => course_runs.map(({ external_key }) => external_key))).toEqual([
    'CS101-26',
    'CS102-26',
    'MATH110-26',
    null,
  ]);
  expect(active?.programs.map(({ uuid }) => uuid)).toEqual([DEMO_PROGRAMS.microMasters.uuid]);
  expect(active?.programs[0]?.curricula[0]?.courses[1]?.course_runs.map(({ key }) => key)).toEqual([
    'course-v1:OpenSchool+DATA1+R10',
  ]);
});

test('without the last slash a path is sent on, and without a JWT it is refused', async () => {
  const moved = await get(`programs/${DEMO_PROGRAMS.masters.uuid}`);
  expect([moved.status, moved.headers.get('location')]).toEqual([
    301,
    `/api/v1/programs/${DEMO_PROGRAMS.masters.uuid}/`,
  ]);
  expect(moved.headers.has('set-cookie')).toBe(false);
  const anonymous = await fetch(`${sandbox.discoveryUrl}/api/v1/programs/`, {
    headers: { authorization: `Bearer ${worker}` },
  });
  expect([anonymous.status, await jsonOf(anonymous)]).toEqual([
    401,
    { detail: 'Authentication credentials were not provided.' },
  ]);
  expect((await get('programs/99999999-9999-4999-8999-999999999999/')).status).toBe(404);
});

test('lists are paged by limit and offset, and by number only when `page` is there', async () => {
  const first = await jsonOf<Page>(get('programs/?limit=2'));
  expect(first.results).toHaveLength(2);
  expect(first.next).toBe(`${sandbox.discoveryUrl}/api/v1/programs/?limit=2&offset=2`);
  const ignored = await jsonOf<Page>(get('programs/?page_size=1'));
  expect(ignored.results).toHaveLength(3);
  const second = await jsonOf<Page>(get('programs/?page=2&page_size=2'));
  expect(second.results).toHaveLength(1);
  expect([second.next, second.previous]).toEqual([null, `${sandbox.discoveryUrl}/api/v1/programs/?page_size=2`]);
  const beyond = await get('programs/?page=9');
  expect([beyond.status, await jsonOf(beyond)]).toEqual([404, { detail: 'Invalid page.' }]);
});

test('filters find programs by UUIDs, type slugs and status; deleted ones are listed unless a status is asked for', async () => {
  const { masters, certificate } = DEMO_PROGRAMS;
  addProgram(sandbox.state, {
    uuid: 'dddddddd-0000-4000-8000-000000000009',
    title: 'Gone',
    organizations: ['DemoU'],
    status: 'deleted',
  });
  const titles = async (query: string) =>
    (await jsonOf<Page>(get(`programs/?${query}`))).results.map(({ title }) => title);
  expect(await titles(`uuids=${certificate.uuid},${masters.uuid}`)).toHaveLength(2);
  expect(await titles('types=masters')).toEqual(['Master of Computer Science', 'Gone']);
  expect(await titles('types=masters,micromasters&status=active')).toHaveLength(2);
  expect(await jsonOf<string[]>(get('programs/?uuids_only=1&status=deleted'))).toEqual([
    'dddddddd-0000-4000-8000-000000000009',
  ]);
  expect((await get('programs/?status=closed')).status).toBe(400);
  expect((await get('programs/?exclude_utm=yes')).status).toBe(500);
});

test('a renamed type keeps its slug', async () => {
  const type = sandbox.state.catalog.programTypes.get('masters');
  if (type === undefined) throw new Error('the demo has no Masters');
  sandbox.state.catalog.programTypes.set('masters', { ...type, name: "Master's degree" });
  const program = await jsonOf<Program>(get(`programs/${DEMO_PROGRAMS.masters.uuid}/`));
  expect([program.type, program.type_attrs.slug]).toEqual(["Master's degree", 'masters']);
});

test('a host of another partner sees that partner only', async () => {
  await fetch(`${sandbox.lmsUrl}/_sandbox/settings`, {
    method: 'PUT',
    body: JSON.stringify({ partnerHosts: { '127.0.0.1': 'other' } }),
  });
  addOrganization(sandbox.state, { key: 'OtherX', partner: 'other' });
  const otherUrl = sandbox.discoveryUrl.replace('localhost', '127.0.0.1');
  const headers = { authorization: `JWT ${worker}` };
  expect((await jsonOf<Page>(fetch(`${otherUrl}/api/v1/programs/`, { headers }))).count).toBe(0);
  const organizations = await jsonOf<{ results: { key: string }[] }>(
    fetch(`${otherUrl}/api/v1/organizations/`, { headers }),
  );
  expect(organizations.results.map(({ key }) => key)).toEqual(['OtherX']);
  // A detail by UUID looks at no partner.
  expect((await fetch(`${otherUrl}/api/v1/programs/${DEMO_PROGRAMS.masters.uuid}/`, { headers })).status).toBe(200);
});

test('whoever is not staff sees no organizations and is throttled after 200 calls in an hour', async () => {
  const learner = await jwtOf(sandbox, 'ada');
  expect((await jsonOf<Page>(get('organizations/', learner))).count).toBe(0);
  expect((await jsonOf<Page>(get('organizations/'))).count).toBe(2);
  let refused: Response | undefined;
  for (let call = 0; call < 200 && refused === undefined; call++) {
    const answer = await get('program_types/masters/', learner);
    await answer.arrayBuffer();
    if (answer.status === 429) refused = answer;
  }
  expect(refused?.headers.get('retry-after')).toBe('3600');
  expect((await get('program_types/')).status).toBe(200);
});

test('a run shows the address of whoever asks, unless it is told not to', async () => {
  const run = async (query: string) =>
    (await jsonOf<{ marketing_url: string }>(get(`course_runs/course-v1:DemoU+CS101+2026_T1/${query}`))).marketing_url;
  expect(await run('')).toContain('?utm_source=portico_worker&utm_medium=');
  expect(await run('?exclude_utm=1')).not.toContain('utm');
});

test('search finds courses, runs and programs by a phrase', async () => {
  const hits = await jsonOf<{ results: { content_type: string; aggregation_key: string }[] }>(
    get('search/all/?q=computer'),
  );
  expect(hits.results.map(({ aggregation_key }) => aggregation_key)).toEqual([
    'course:DemoU+CS101',
    'courserun:DemoU+CS101',
    `program:${DEMO_PROGRAMS.masters.uuid}`,
  ]);
  const contains = await jsonOf(
    get('course_runs/contains/?query=algebra&course_run_ids=course-v1:DemoU%2BMATH110%2B2026_T1,x'),
  );
  expect(contains).toEqual({ course_runs: { 'course-v1:DemoU+MATH110+2026_T1': true, x: false } });
});

test('faults and the list of calls are its own; other levers are the same on every server', async () => {
  await fetch(`${sandbox.discoveryUrl}/_sandbox/requests`, { method: 'DELETE' });
  await fetch(`${sandbox.discoveryUrl}/_sandbox/faults`, {
    method: 'PUT',
    body: JSON.stringify([{ match: '/api/v1/*', mode: 'down', times: 1 }]),
  });
  expect((await get('programs/')).status).toBe(503);
  expect((await get('programs/')).status).toBe(200);
  const calls = await jsonOf<{ path: string; auth: string; status: number }[]>(
    fetch(`${sandbox.discoveryUrl}/_sandbox/requests`),
  );
  expect(calls.map(({ path, auth, status }) => [path, auth, status])).toEqual([
    ['/api/v1/programs/', 'jwt:portico_worker', 503],
    ['/api/v1/programs/', 'jwt:portico_worker', 200],
  ]);
  expect(await jsonOf(fetch(`${sandbox.lmsUrl}/_sandbox/faults`))).toEqual([]);
});
