import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addProgram } from '../../sandbox/catalog/add.js';
import { DEMO_PROGRAMS } from '../../sandbox/lms/demo-programs.js';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { jsonOf, jwtOf, TEST_SANDBOX } from './credentials.js';

const { masters, certificate } = DEMO_PROGRAMS;
const CS101 = 'course-v1:DemoU+CS101+2026_T1';
const MATH = 'course-v1:DemoU+MATH110+2026_T1';

let sandbox: RunningSandbox;
let token: string;

beforeAll(async () => {
  sandbox = await startSandbox(TEST_SANDBOX);
  token = await jwtOf(sandbox);
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await fetch(`${sandbox.lmsUrl}/_sandbox/state`, { method: 'DELETE' });
});

async function call(
  method: string,
  path: string,
  body?: unknown,
  jwt = token,
): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${sandbox.lmsUrl}${path}`, {
    method,
    headers: { authorization: `JWT ${jwt}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: /^[[{"]/.test(text) ? JSON.parse(text) : text };
}

const API = '/api/program_enrollments/v1';
const inProgram = (uuid: string) => `${API}/programs/${uuid}/enrollments/`;
const inCourse = (uuid: string, key: string) =>
  `${API}/programs/${uuid}/courses/${encodeURIComponent(key)}/enrollments/`;
const row = (key: string, status = 'enrolled') => ({
  student_key: key,
  status,
  curriculum_uuid: masters.curriculum,
});

function lever(method: string, name: string, body: unknown): Promise<unknown> {
  return jsonOf(fetch(`${sandbox.lmsUrl}/_sandbox/${name}`, { method, body: JSON.stringify(body) }));
}

describe('a batch', () => {
  test('with one bad row is refused as a whole, in the words of the serializer', async () => {
    const rows = [row('n1'), { ...row(' '), status: null }, { ...row('n2'), curriculum_uuid: 'None' }];
    expect(await call('POST', inProgram(masters.uuid), rows)).toEqual({
      status: 400,
      body: {
        developer_message: [
          {},
          { student_key: ['This field may not be blank.'], status: ['This field may not be null.'] },
          { curriculum_uuid: ['Must be a valid UUID.'] },
        ],
      },
    });
    const staff = [{ student_key: 'DU-0001', status: 'active', course_staff: '' }];
    expect((await call('PUT', inCourse(masters.uuid, CS101), staff)).status).toBe(400);
    expect(sandbox.state.programs.enrollment(masters.uuid, 'n1')).toBeUndefined();
  });

  test('names a repeated key, in any case, by its later spellings only', async () => {
    const answer = await call('POST', inProgram(masters.uuid), [row('ABC'), row('abc'), row('one')]);
    expect(answer).toEqual({ status: 207, body: { one: 'enrolled', abc: 'duplicated' } });
  });

  test('is trimmed, and finds stored keys in any letter case', async () => {
    expect(await call('PATCH', inProgram(masters.uuid), [row(' du-0004 ', 'pending')])).toEqual({
      status: 200,
      body: { 'du-0004': 'pending' },
    });
    expect(sandbox.state.programs.enrollment(masters.uuid, 'DU-0004')?.status).toBe('pending');
  });

  test('fails with 500 and writes nothing when one user would have two keys in a curriculum', async () => {
    await lever('PUT', 'settings', { throttles: false });
    sandbox.state.putLink({ id: 900, username: 'mira', backend: 'tpa-saml', uid: 'demou:second' });
    expect((await call('POST', inProgram(masters.uuid), [row('fresh'), row('second')])).status).toBe(500);
    expect(sandbox.state.programs.enrollment(masters.uuid, 'fresh')).toBeUndefined();
  });

  test('of a program whose organization the LMS does not know is a 500', async () => {
    const program = addProgram(sandbox.state, {
      uuid: 'dddddddd-0000-4000-8000-000000000001',
      title: 'Elsewhere',
      organizations: ['NoSuchOrg'],
    });
    expect((await call('POST', inProgram(program.uuid), [row('x')])).status).toBe(500);
  });

  test('meets no program while the LMS has an empty cache of them', async () => {
    await lever('PUT', 'settings', { programCache: false });
    expect(await call('GET', inProgram(masters.uuid))).toEqual({
      status: 404,
      body: { developer_message: 'no program exists with given key', error_code: 'program_does_not_exist' },
    });
  });
});

describe('a course row', () => {
  test('conflicts while the key is active in the run through another program, by the stored spelling', async () => {
    addProgram(sandbox.state, {
      uuid: certificate.uuid,
      title: 'Second',
      organizations: ['DemoU'],
      curricula: [{ uuid: 'dddddddd-0000-4000-8000-0000000000c1', courses: ['DemoU+CS101'] }],
    });
    await call('POST', inProgram(certificate.uuid), [row('du-0004')]);
    const write = [{ student_key: 'du-0004', status: 'active' }];
    expect((await call('POST', inCourse(certificate.uuid, CS101), write)).body).toEqual({ 'DU-0004': 'conflict' });
    await call('PATCH', inCourse(masters.uuid, CS101), [{ student_key: 'DU-0004', status: 'inactive' }]);
    expect((await call('POST', inCourse(certificate.uuid, CS101), write)).body).toEqual({ 'du-0004': 'active' });
  });

  test('of a linked learner enrolls in masters mode, and leaves a paid enrollment alone', async () => {
    await call('POST', inCourse(masters.uuid, MATH), [
      { student_key: 'DU-0001', status: 'active', course_staff: true },
    ]);
    expect(sandbox.state.enrollment('ada', MATH)).toMatchObject({ mode: 'masters', isActive: true });
    expect(sandbox.state.enrollment('ada', CS101)).toMatchObject({ mode: 'verified', isActive: true });
    expect([...sandbox.state.courseRoles.values()]).toMatchObject([
      { username: 'ada', courseKey: MATH, role: 'staff' },
    ]);
    await call('PATCH', inCourse(masters.uuid, MATH), [{ student_key: 'DU-0001', status: 'inactive' }]);
    expect(sandbox.state.enrollment('ada', MATH)).toMatchObject({ mode: 'masters', isActive: false });
  });

  test('may name a run of a nested program or of the program itself', async () => {
    for (const key of ['course-v1:OpenSchool+ML2+2026', 'course-v1:DemoU+LIT205+2026_T1'])
      expect((await call('GET', inCourse(masters.uuid, key))).status).toBe(200);
    expect((await call('GET', inCourse(masters.uuid, 'course-v1:DemoU+HIST210+2026_T1'))).status).toBe(404);
  });
});

describe('grades', () => {
  const grades = `${API}/programs/${masters.uuid}/courses/${encodeURIComponent(CS101)}/grades/`;

  test('are of linked learners, 207 when one cannot be computed, 422 when none can, 204 without learners', async () => {
    expect(await call('GET', grades)).toMatchObject({
      status: 200,
      body: { results: [{ student_key: 'DU-0001' }, { percent: 0.88 }, {}] },
    });
    for (const username of ['ada', 'mira', 'noah']) {
      const { status } = await call('GET', grades);
      expect(status).toBe(username === 'ada' ? 200 : 207);
      await lever('PUT', 'grades', { username, courseKey: CS101, error: 'no grade' });
    }
    const failed = await call('GET', grades);
    expect(failed).toMatchObject({
      status: 422,
      body: { results: [{ student_key: 'DU-0001', error: 'no grade' }, {}, {}] },
    });
    const empty = await call('GET', grades.replace('CS101%2B2026_T1', 'CS102%2B2026_T2'));
    expect(empty).toEqual({ status: 204, body: '' });
  });
});

describe('linking', () => {
  const signIn = (username: string, uid: string) => lever('POST', 'sign-in', { username, uid });

  test('happens when the school writes a key that has signed in before; another letter case waits for the next sign-in', async () => {
    await signIn('sam', 'demou:DU-0100');
    await call('POST', inProgram(masters.uuid), [row('DU-0100')]);
    expect(sandbox.state.programs.enrollment(masters.uuid, 'DU-0100')?.username).toBe('sam');
    await signIn('root', 'demou:DU-0101');
    await call('POST', inProgram(masters.uuid), [row('du-0101')]);
    expect(sandbox.state.programs.enrollment(masters.uuid, 'du-0101')?.username).toBeNull();
    await signIn('root', 'demou:DU-0101');
    expect(sandbox.state.programs.enrollment(masters.uuid, 'du-0101')?.username).toBe('root');
  });

  test('happens at a sign-in for keys that wait, and enrolls in their courses', async () => {
    expect(await signIn('sam', 'demou:du-0004')).toMatchObject({ failed: null });
    expect(sandbox.state.programs.enrollment(masters.uuid, 'DU-0004')?.username).toBe('sam');
    expect(sandbox.state.enrollment('sam', CS101)).toMatchObject({ mode: 'masters', isActive: true });
  });

  test('passes over keys with a colon, unknown slugs and programs of other organizations', async () => {
    await call('POST', inProgram(masters.uuid), [row('a:b'), row('plain')]);
    sandbox.state.programs.samlProviders.set('open', { slug: 'open', name: 'Open', organization: 'OpenSchool' });
    for (const uid of ['demou:a:b', 'nobody:plain', 'open:plain']) await signIn('sam', uid);
    expect(sandbox.state.programs.byUsername.of('sam')).toEqual([]);
  });

  test('fails with the sign-in when the user has another key in the curriculum', async () => {
    await call('POST', inProgram(masters.uuid), [row('other')]);
    expect(await signIn('mira', 'demou:other')).toMatchObject({ failed: expect.stringContaining('another key') });
  });

  test('by hand moves the former user to audit, and says what it could not do', async () => {
    const pairs = 'DU-0002,sam\nDU-0003,noah\nNOPE,sam\nDU-0004,nobody';
    const answer = await fetch(`${sandbox.lmsUrl}/support/link_program_enrollments_details/`, {
      method: 'POST',
      headers: { authorization: `JWT ${token}` },
      body: new URLSearchParams({ program_uuid: masters.uuid, username_pair_text: pairs }),
    });
    const said = await jsonOf<{ successes: string[]; errors: string[] }>(answer);
    expect(said.successes).toEqual(["('DU-0002', 'sam')"]);
    expect(said.errors).toHaveLength(3);
    expect(sandbox.state.enrollment('mira', CS101)).toMatchObject({ mode: 'audit', isActive: false });
    expect(sandbox.state.enrollment('sam', MATH)).toMatchObject({ mode: 'masters', isActive: true });
  });

  test('is seen by the inspector, by key and by user, and not by learners', async () => {
    const inspect = (query: string, jwt = token) =>
      call('GET', `/support/program_enrollments_inspector_details/?${query}`, undefined, jwt);
    expect((await inspect('org_key=DemoU&external_user_key=du-0002')).body).toMatchObject({
      error: '',
      org_keys: 'DemoU',
      learner_program_enrollments: {
        user: { username: 'mira', sso_list: [{ uid: 'demou:DU-0002' }] },
        enrollments: [
          {
            external_user_key: 'DU-0002',
            program_name: 'Master of Computer Science',
            program_course_enrollments: [{ course_enrollment: { mode: 'masters', is_active: true } }, {}],
          },
        ],
      },
    });
    expect((await inspect('org_key=DemoU&external_user_key=DU-0005')).body).toMatchObject({
      learner_program_enrollments: { user: { external_user_key: 'DU-0005' }, enrollments: [{ status: 'pending' }] },
    });
    expect((await inspect('edx_user=mira', await jwtOf(sandbox, 'mira'))).status).toBe(403);
  });

  test('shows in the mapping of the organization’s provider, without its slug', async () => {
    const mapping = await call('GET', '/api/third_party_auth/v0/providers/saml-demou/users?remote_id=DU-0002');
    expect(mapping.body).toMatchObject({ count: 1, results: [{ username: 'mira', remote_id: 'DU-0002' }] });
  });
});

test('a learner sees every run of the program that they are enrolled in with a paid mode', async () => {
  const jwt = await jwtOf(sandbox, 'mira');
  const runs = await call('GET', `${API}/users/mira/programs/${masters.uuid}/courses`, undefined, jwt);
  expect(runs.body).toMatchObject({ results: [{ course_run_id: CS101 }, { course_run_id: MATH }] });
  expect((await call('GET', `${API}/programs/enrollments/`, undefined, jwt)).body).toEqual([
    { uuid: masters.uuid, slug: 'masters-in-computer-science' },
  ]);
});

test('the reset of an organization deletes its learners, where the feature is on', async () => {
  const reset = (body: unknown) => call('POST', `${API}/integration-reset`, body);
  expect((await reset({ organization: 'DemoU' })).status).toBe(501);
  await lever('PUT', 'settings', { enrollmentReset: true });
  expect((await reset({})).body).toBe("missing required body content 'organization'");
  expect((await reset({ organization: 'Nope' })).status).toBe(404);
  expect((await reset({ organization: 'DemoU' })).body).toBe('success');
  expect([sandbox.state.user('mira'), sandbox.state.programs.enrollments.size]).toEqual([undefined, 0]);
});
