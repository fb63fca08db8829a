import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { jsonOf, jwtOf, TEST_SANDBOX } from './credentials.js';

let sandbox: RunningSandbox;
let worker: string;
let learner: string;

beforeAll(async () => {
  sandbox = await startSandbox(TEST_SANDBOX);
  worker = await jwtOf(sandbox);
  learner = await jwtOf(sandbox, 'ada');
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await fetch(`${sandbox.registrarUrl}/_sandbox/state`, { method: 'DELETE' });
});

const MASTERS = 'programs/masters-in-computer-science';

interface Job {
  job_id: string;
  name: string;
  state: string;
  result: string | null;
  text: string | null;
}

function ask(path: string, init: RequestInit = {}, token = worker): Promise<Response> {
  return fetch(`${sandbox.registrarUrl}/api/${path}`, {
    ...init,
    headers: { authorization: `JWT ${token}`, ...init.headers },
  });
}

function write(path: string, method: string, rows: unknown): Promise<Response> {
  return ask(path, { method, body: JSON.stringify(rows), headers: { 'content-type': 'application/json' } });
}

function upload(path: string, content: string | Buffer, field = 'file'): Promise<Response> {
  const form = new FormData();
  form.append(field, new Blob([new Uint8Array(Buffer.from(content))]), 'rows.csv');
  return ask(path, { method: 'POST', body: form });
}

/** Waits for the job of a 202, and takes its file without credentials. */
async function finished(answer: Response): Promise<Job & { file: string }> {
  expect(answer.status).toBe(202);
  const { job_url } = await jsonOf<{ job_url: string }>(answer);
  const job = await vi.waitFor(
    async () => {
      const seen = await jsonOf<Job>(fetch(job_url, { headers: { authorization: `JWT ${worker}` } }));
      expect(['Succeeded', 'Failed']).toContain(seen.state);
      return seen;
    },
    { timeout: 20_000, interval: 50 },
  );
  return { ...job, file: job.result === null ? '' : await (await fetch(job.result)).text() };
}

async function expectAnswer(answer: Promise<Response>, status: number, body: unknown): Promise<void> {
  const given = await answer;
  expect([given.status, await given.json()]).toEqual([status, body]);
}

test('programs, with enrollment rights for the Masters alone, in three versions', async () => {
  const programs = await jsonOf<{ program_key: string; permissions: string[] }[]>(ask('v1/programs/'));
  expect(programs.map(({ program_key, permissions }) => [program_key, permissions])).toEqual([
    ['masters-in-computer-science', ['read_enrollments', 'read_metadata', 'read_reports', 'write_enrollments']],
    ['micromasters-in-data-science', ['read_metadata', 'read_reports']],
    ['professional-certificate-in-digital-economy', ['read_metadata', 'read_reports']],
  ]);
  expect(await jsonOf(ask('v2/programs'))).toEqual(programs);
  expect(await jsonOf(ask('v3/programs/?page_size=2&page=2'))).toEqual({
    count: 3,
    next: null,
    previous: `${sandbox.registrarUrl}/api/v3/programs/?page_size=2`,
    results: programs.slice(2),
  });
  await expectAnswer(ask('v3/programs?page=3'), 404, { detail: 'Invalid page.' });
  await expectAnswer(ask('v1/programs?org=Nowhere'), 404, { detail: 'Not found.' });
  expect(await jsonOf(ask('v1/programs?org=demou&user_has_perm=write_enrollments'))).toEqual([programs[0]]);
  expect(await jsonOf(ask(`v1/${MASTERS.toUpperCase().replace('PROGRAMS', 'programs')}`))).toEqual(programs[0]);
});

test('the runs of the active curriculum, and none of a nested program', async () => {
  const runs = await jsonOf<{ external_course_key: string | null }[]>(ask(`v1/${MASTERS}/courses`));
  expect(runs.map(({ external_course_key }) => external_course_key)).toEqual([
    'CS101-26',
    'CS102-26',
    'MATH110-26',
    null,
  ]);
});

test('checks come in the order of the Registrar', async () => {
  const denied = { detail: 'You do not have permission to perform this action.' };
  await expectAnswer(fetch(`${sandbox.registrarUrl}/api/v1/programs/nope`), 401, {
    detail: 'Authentication credentials were not provided.',
  });
  await expectAnswer(ask(MASTERS.replace('programs', 'v1/programs'), {}, 'nonsense'), 401, {
    detail: 'Invalid token.',
  });
  await expectAnswer(ask('v1/programs/nope', {}, learner), 404, { detail: 'Not found.' });
  await expectAnswer(ask(`v1/${MASTERS}/enrollments?fmt=xml`, {}, learner), 403, denied);
  await expectAnswer(ask(`v1/${MASTERS}/enrollments?fmt=xml`), 404, { detail: 'Not found.' });
  await expectAnswer(ask(`v1/${MASTERS}/enrollments`, { method: 'DELETE' }, learner), 405, {
    detail: 'Method "DELETE" not allowed.',
  });
  await expectAnswer(ask('v1/programs/micromasters-in-data-science/enrollments'), 403, denied);
  await expectAnswer(ask(`v1/${MASTERS}/courses/NOPE/enrollments`), 404, { detail: 'Not found.' });
  await expectAnswer(ask('v1/programs', { headers: { accept: 'text/csv' } }), 406, {
    detail: 'Could not satisfy the request Accept header.',
  });
  const lost = await ask('v1/nowhere');
  expect([lost.status, lost.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
  // What the real one lets anybody do.
  expect((await ask(`v1/${MASTERS}/enrollments`, { method: 'HEAD' }, learner)).status).toBe(403);
  expect(await jsonOf(ask('v1/jobs', {}, learner))).toEqual([]);
});

test('a list of enrollments is a job: it waits, is found by its owner alone, and leaves a file', async () => {
  const answer = await ask(`v2/${MASTERS}/enrollments`);
  const { job_id, job_url } = await jsonOf<{ job_id: string; job_url: string }>(answer.clone());
  expect(job_url).toBe(`${sandbox.registrarUrl}/api/v2/jobs/${job_id}`);
  expect(await jsonOf(ask('v1/jobs'))).toMatchObject([{ job_id, result: null, text: null }]);
  await expectAnswer(ask(`v1/jobs/${job_id}`, {}, learner), 403, {
    detail: 'You do not have permission to perform this action.',
  });
  const job = await finished(answer);
  expect(job).toMatchObject({
    name: 'masters-in-computer-science:read:list_program_enrollments',
    state: 'Succeeded',
    text: null,
  });
  const rows = JSON.parse(job.file);
  expect(rows).toHaveLength(7);
  expect(Object.entries(rows[3])).toEqual([
    ['account_exists', false],
    ['status', 'enrolled'],
    ['student_key', 'DU-0004'],
  ]);
  expect(await jsonOf(ask('v1/jobs'))).toEqual([]);
});

test('lists of runs as CSV, and all runs one after another', async () => {
  const one = await finished(await ask(`v1/${MASTERS}/courses/MATH110-26/enrollments?fmt=csv`));
  expect(one.file).toBe('course_id,student_key,status,account_exists\r\nMATH110-26,DU-0002,active,True\r\n');
  const all = await finished(await ask(`v1/${MASTERS}/course_enrollments`));
  expect(JSON.parse(all.file).map((row: Record<string, unknown>) => [row.course_id, row.student_key])).toEqual([
    ['CS101-26', 'DU-0001'],
    ['CS101-26', 'DU-0002'],
    ['CS101-26', 'DU-0003'],
    ['CS101-26', 'DU-0004'],
    ['CS102-26', 'DU-0004'],
    ['MATH110-26', 'DU-0002'],
    ['course-v1:DemoU+STAT120+2026_T1', 'Du-0006'],
  ]);
});

test('a list fails with the LMS, and says nothing of why', async () => {
  await fetch(`${sandbox.lmsUrl}/_sandbox/faults`, {
    method: 'PUT',
    body: JSON.stringify([{ match: '/api/program_enrollments/*', mode: 'down' }]),
  });
  const job = await finished(await ask(`v1/${MASTERS}/enrollments`));
  expect(job).toMatchObject({ state: 'Failed', result: null, text: null });
});

test('writes: every outcome of a row, and what the LMS then has', async () => {
  const path = `v1/${MASTERS}/enrollments`;
  await expectAnswer(
    write(path, 'POST', [
      { student_key: 'q1', status: 'enrolled' },
      { student_key: 'DU-0001', status: 'enrolled' },
      { student_key: 'q2', status: 'enrolled' },
      { student_key: 'q2', status: 'pending' },
      { student_key: 'q3', status: 'bogus' },
    ]),
    207,
    { 'DU-0001': 'conflict', q1: 'enrolled', q2: 'duplicated', q3: 'invalid-status' },
  );
  await expectAnswer(write(path, 'PATCH', [{ student_key: 'q1', status: 'ended' }]), 200, { q1: 'ended' });
  await expectAnswer(write(path, 'PATCH', [{ student_key: 'q9', status: 'ended' }]), 422, { q9: 'not-in-program' });
  await expectAnswer(write(path, 'POST', []), 422, {});
  // The LMS trims: a good status hides the row that nobody answered.
  await expectAnswer(write(path, 'POST', [{ student_key: ' pad ', status: 'enrolled' }]), 200, {
    ' pad ': 'internal-error',
    pad: 'enrolled',
  });
  const { uuid } = [...sandbox.state.catalog.programs.values()][0] ?? { uuid: '' };
  expect(sandbox.state.programs.enrollment(uuid, 'q1')?.status).toBe('ended');
  expect(sandbox.state.programs.enrollment(uuid, 'q2')).toBeUndefined();
});

test('bodies that are no rows', async () => {
  const path = `v1/${MASTERS}/enrollments`;
  const row = { student_key: 'a', status: 'enrolled' };
  await expectAnswer(write(path, 'POST', {}), 400, ['expected request body type: List']);
  await expectAnswer(write(path, 'POST', [1]), 400, ['expected items in request to be of type Dict']);
  await expectAnswer(write(path, 'POST', [{ ...row, status: 1 }]), 400, [
    'expected request dicts to have string value for "status"',
  ]);
  await expectAnswer(write(path, 'POST', Array(26).fill(1)), 413, { detail: 'Enrollment limit 25' });
  const course = `v1/${MASTERS}/courses/CS101-26/enrollments`;
  await expectAnswer(write(course, 'POST', [{ ...row, course_staff: 'yes' }]), 400, [
    'expected request dicts to have boolean value for "course_staff"',
  ]);
  await expectAnswer(write(course, 'POST', [{ ...row, course_staff: false }]), 403, {
    detail: '"course_staff" not accepted since role assignment is not enabled',
  });
  await expectAnswer(write(course, 'PATCH', [{ student_key: 'DU-0003', status: 'active' }]), 200, {
    'DU-0003': 'active',
  });
});

test('an LMS that does not answer is a 500', async () => {
  await fetch(`${sandbox.lmsUrl}/_sandbox/faults`, {
    method: 'PUT',
    body: JSON.stringify([{ match: '/api/program_enrollments/*', mode: 'reset' }]),
  });
  const answer = await write(`v1/${MASTERS}/enrollments`, 'POST', [{ student_key: 'a', status: 'enrolled' }]);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([500, 'text/html; charset=utf-8']);
});

test('a file is written by a job, a second one meanwhile is refused', async () => {
  const path = `v1/${MASTERS}/enrollments/upload`;
  const first = await upload(
    path,
    ' Status , STUDENT_KEY ,note\r\n\r\n enrolled ," new1 ",x\nbogus,new2,\npending,t,\nended,t,\n',
  );
  await expectAnswer(upload(path, 'student_key,status\n'), 409, 'Job already in progress for program');
  const job = await finished(first);
  expect(job).toMatchObject({
    state: 'Succeeded',
    text: '207',
    name: 'masters-in-computer-science:write:write_program_enrollments',
  });
  expect(job.file).toBe('student_key,status\r\nnew1,enrolled\r\nnew2,invalid-status\r\nt,duplicated\r\n');
  const nothing = await finished(await upload(path, 'student_key,status\n'));
  expect([nothing.text, nothing.file]).toEqual(['204', 'student_key,status\r\n']);
});

test('a file for several runs, under the names that it uses', async () => {
  const job = await finished(
    await upload(
      `v1/${MASTERS}/course_enrollments/upload`,
      'student_key,course_id,status\nDU-0001,CS102-26,active\nnobody,CS102-26,active\nDU-0001,NOPE-1,active\nDU-0002,MATH110-26,inactive\n',
    ),
  );
  expect(job.text).toBe('207');
  expect(job.file.split('\r\n')).toEqual([
    'course_id,student_key,status',
    'CS102-26,DU-0001,active',
    'CS102-26,nobody,not-in-program',
    'NOPE-1,DU-0001,course-not-found',
    'MATH110-26,DU-0002,inactive',
    '',
  ]);
});

test('files that are refused', async () => {
  const path = `v1/${MASTERS}/enrollments/upload`;
  await expectAnswer(upload(path, 'student_key,status\n', 'other'), 400, { detail: 'No file content uploaded' });
  await expectAnswer(upload(path, Buffer.alloc(5_242_881)), 413, {
    detail: 'Upload too large. Must be under 5242880 bytes',
  });
  await expectAnswer(upload(path, 'key,status\na,enrolled\n'), 400, ['CSV is missing headers [student_key]']);
  await expectAnswer(upload(path, 'student_key,status\na,enrolled\nb\n'), 400, [
    'CSV is missing data at row #2. Required fields are [student_key, status].',
  ]);
  await expectAnswer(write(path, 'POST', []), 415, {
    detail: 'Unsupported media type "application/json" in request.',
  });
  expect((await upload(path, Buffer.from([0xff, 0xfe]))).status).toBe(500);
});

test('grades, with the percentage as text', async () => {
  const job = await finished(await ask(`v1/${MASTERS}/courses/MATH110-26/grades`));
  expect(job).toMatchObject({ name: 'get_course_run_grades', state: 'Succeeded', text: '200' });
  expect(JSON.parse(job.file)).toEqual([
    { student_key: 'DU-0002', letter_grade: null, percent: '0.410', passed: false },
  ]);
});

test('health, the flush of the cache, and levers of its own', async () => {
  expect(await jsonOf(fetch(`${sandbox.registrarUrl}/health`))).toMatchObject({ overall_status: 'OK' });
  expect((await ask('internal/cache/', { method: 'DELETE' })).status).toBe(204);
  await expectAnswer(ask('internal/cache/nope', { method: 'DELETE' }), 404, {
    detail: 'No Program matches the given query.',
  });
  await expectAnswer(ask('internal/cache', { method: 'DELETE' }, learner), 404, { detail: 'Not found.' });
  await fetch(`${sandbox.registrarUrl}/_sandbox/faults`, {
    method: 'PUT',
    body: JSON.stringify([{ match: '/api/v3/*', mode: 'down' }]),
  });
  expect((await ask('v3/programs')).status).toBe(503);
  const calls = await jsonOf<{ path: string; status: number }[]>(fetch(`${sandbox.registrarUrl}/_sandbox/requests`));
  expect(calls.at(-1)).toMatchObject({ path: '/api/v3/programs', status: 503 });
});

test('reports are files whose names tell a day, from a day on; the route has no end', async () => {
  const reports = await jsonOf<{ name: string; created_date: string; download_url: string }[]>(
    ask(`v1/${MASTERS}/reports`),
  );
  expect(reports.map(({ name, created_date }) => [name, created_date])).toEqual([
    ['individual__2026-10-31.csv', '2026-10-31'],
    ['aggregate__2026-11-1.csv', '2026-11-01'],
  ]);
  expect(await (await fetch(reports[1]?.download_url ?? '')).text()).toBe('week,active\r\n44,5\r\n');
  expect((await fetch(`${reports[0]?.download_url}x`)).status).toBe(404);
  const since = await jsonOf<unknown[]>(ask(`v2/${MASTERS}/reportsxyz?min_created_date=2026-11-1`));
  expect(since).toHaveLength(1);
  expect(await jsonOf(ask('v1/programs/micromasters-in-data-science/reports'))).toEqual([]);
  expect((await ask(`v1/${MASTERS}/reports?min_created_date=yesterday`)).status).toBe(500);
  expect((await ask(`v1/${MASTERS}/reports`, {}, learner)).status).toBe(403);
  expect((await ask('v1/programs/nope/reports')).status).toBe(404);
});
