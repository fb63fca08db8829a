import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addProgram } from '../../../sandbox/catalog/add.js';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { sandboxLevers } from '../../support/sandbox-levers.js';
import { type Asked, certificate, masters, micromasters, RegistrarSite } from './registrar-site.js';

let site: RegistrarSite;
let partner: GraphCaller;
let reader: GraphCaller;
let reporter: GraphCaller;
let foreigner: GraphCaller;
beforeAll(async () => {
  site = await RegistrarSite.start();
  ({ partner, reader, reporter, foreigner } = site);
});
afterAll(() => site[Symbol.asyncDispose]());
const ask = (caller: Pick<GraphCaller, 'token'> | undefined, path: string, asked?: Asked) =>
  site.ask(caller, path, asked);

const detail = (text: string) => ({ detail: text });
const noRight = detail('You do not have permission to perform this action.');
const notThere = detail('Not found.');

describe('programs', () => {
  const keys = (rows: { program_key: string }[]) => rows.map(({ program_key }) => program_key).sort();

  test('version 1 and 2 list them as an array, version 3 by pages', async () => {
    for (const version of ['v1', 'v2']) {
      const { status, body } = await ask(partner, `${version}/programs/`);
      expect([status, keys(body)]).toEqual([200, [masters, micromasters, certificate]]);
    }
    const page = await ask(partner, 'v3/programs?page_size=2');
    expect(page.body).toMatchObject({
      count: 3,
      next: `${site.url}/api/v3/programs?page=2&page_size=2`,
      previous: null,
    });
    expect(page.body.results).toHaveLength(2);
  });

  test('one is told with the rights that are left of the grants: those of enrollments are for Masters', async () => {
    expect((await ask(partner, `v1/programs/${masters.toUpperCase()}`)).body).toEqual({
      program_key: masters,
      program_title: expect.any(String),
      program_url: expect.any(String),
      program_type: 'Masters',
      permissions: ['read_enrollments', 'read_metadata', 'write_enrollments'],
    });
    expect((await ask(partner, `v1/programs/${micromasters}`)).body.permissions).toEqual(['read_metadata']);
  });

  test('filters name an organization, a right, or part of the title', async () => {
    const found = async (query: string) => keys((await ask(partner, `v1/programs?${query}`)).body);
    expect(await found('org=DEMOU&user_has_perm=write_enrollments')).toEqual([masters]);
    expect(await found('program_title=COMPUTER')).toEqual([masters]);
    expect(await found('org=&user_has_perm=')).toHaveLength(3);
    expect((await ask(partner, 'v1/programs?org=Nope')).status).toBe(404);
    expect((await ask(partner, 'v1/programs?user_has_perm=nope')).status).toBe(404);
    expect((await ask(reader, 'v1/programs?user_has_perm=write_enrollments')).body).toEqual([]);
  });

  test('course runs are those of the active curriculum, with the partner’s keys', async () => {
    const { body } = await ask(reader, `v1/programs/${masters}/courses`);
    expect(body.map((run: { external_course_key: string | null }) => run.external_course_key)).toContain('CS101-26');
    expect(Object.keys(body[0])).toEqual(['course_id', 'external_course_key', 'course_title', 'course_url']);
  });
});

describe('who may', () => {
  test('is asked in this order: form, who, program, right, method', async () => {
    const at = `v1/programs/${masters}/enrollments`;
    expect((await ask(undefined, `${at}?format=csv`)).body).toEqual(notThere);
    expect((await ask(undefined, at, { headers: { accept: 'application/xml' } })).status).toBe(406);
    const nobody = await ask(undefined, at);
    expect([nobody.status, nobody.body]).toEqual([401, detail('Authentication credentials were not provided.')]);
    expect(nobody.headers.get('www-authenticate')).toBe('JWT realm="api"');
    expect((await ask(foreigner, 'v1/programs/nope/enrollments')).body).toEqual(notThere);
    expect(await ask(foreigner, at)).toMatchObject({ status: 403, body: noRight });
    expect(await ask(reader, at, { method: 'POST', body: {} })).toMatchObject({ status: 403, body: noRight });
    const wrong = await ask(partner, at, { method: 'PUT', body: [] });
    expect([wrong.status, wrong.body]).toEqual([405, detail('Method "PUT" not allowed.')]);
    expect(wrong.headers.get('allow')).toBe('GET, POST, PATCH, OPTIONS');
  });

  test('a request for the head alone begins nothing', async () => {
    const at = `v1/programs/${masters}/enrollments`;
    expect((await ask(foreigner, at, { method: 'HEAD' })).status).toBe(403);
    expect((await ask(partner, at, { method: 'HEAD' })).status).toBe(405);
    expect((await ask(partner, 'v1/jobs/')).body).toEqual([]);
    expect((await ask(partner, `v1/programs/${masters}`, { method: 'HEAD' })).status).toBe(200);
  });

  test('what matches no address is nobody’s business', async () => {
    for (const path of ['v1/nope', 'v1/programs//', `v3/programs/${masters}`, 'v1/programs/a.b', 'v3/jobs/'])
      expect((await ask(undefined, path)).status, path).toBe(404);
  });

  test('a token that is not valid is told in one text', async () => {
    const { status, body } = await ask({ token: 'abc' }, 'v1/programs', { scheme: 'JWT' });
    expect([status, body]).toEqual([401, detail('Invalid token.')]);
  });
});

describe('what Discovery said', () => {
  test('is asked for by addresses of our own, with flags that are numbers; nothing of a caller’s address goes there', async () => {
    const { services } = site.site.gateway.context;
    const discovery = sandboxLevers(site.site.gateway.sandbox.discoveryUrl);
    await services.programs.forget();
    await discovery.forgetRequests();
    const { status } = await ask(partner, 'v1/programs?exclude_utm=x&uuids=nope&username=partner&extended=yes');
    expect(status).toBe(200);
    const calls = await discovery.requests();
    expect(calls.length).toBeGreaterThan(0);
    for (const { query } of calls) {
      const asked = new URLSearchParams(query);
      expect([...asked.keys()].sort()).toEqual(['exclude_utm', 'limit', 'uuids']);
      expect([asked.get('exclude_utm'), asked.get('limit')]).toEqual(['1', expect.stringMatching(/^\d+$/)]);
    }
  });

  test('is forgotten for staff whose token may write programs; to others there is no such address', async () => {
    const { site: graph } = site;
    const operator = await graph.aPerson({ username: 'operator', roles: ['STAFF'], isLinked: false });
    const may = await graph.caller(operator, 'programs:read programs:write');
    const mayOnlyRead = await graph.caller(operator, 'programs:read');
    const at = 'internal/cache';
    expect(await ask(may, `${at}/${masters}/`, { method: 'DELETE' })).toMatchObject({ status: 204, body: '' });
    expect(await ask(may, at, { method: 'DELETE' })).toMatchObject({ status: 204, body: '' });
    expect(await ask(may, `${at}/nope`, { method: 'DELETE' })).toMatchObject({
      status: 404,
      body: detail('No Program matches the given query.'),
    });
    for (const caller of [partner, mayOnlyRead])
      for (const method of ['DELETE', 'GET', 'OPTIONS'])
        expect(await ask(caller, `${at}/nope`, { method })).toMatchObject({ status: 404, body: notThere });
    expect((await ask(undefined, at, { method: 'DELETE' })).status).toBe(401);
    const read = await ask(may, at);
    expect([read.status, read.headers.get('allow')]).toEqual([405, 'DELETE, OPTIONS']);
    const { orm } = graph.gateway.context;
    const rows = await orm.em.fork().execute('select 1 from program where forgotten_at is null');
    expect(rows).toEqual([]);
  });
});

describe('enrollments', () => {
  const at = `v1/programs/${masters}/enrollments`;
  const post = (rows: unknown, path = at) => ask(partner, path, { method: 'POST', body: rows });
  const patch = (rows: unknown, path = at) => ask(partner, path, { method: 'PATCH', body: rows });

  test('are written with a word for each row', async () => {
    const mixed = await post([
      { student_key: 'w1', status: 'enrolled' },
      { student_key: 'w2', status: 'nonsense' },
      { student_key: 'w3', status: 'pending' },
      { student_key: 'w4', status: 'enrolled' },
      { student_key: 'w4', status: 'pending' },
    ]);
    expect([mixed.status, mixed.body]).toEqual([
      207,
      { w1: 'enrolled', w2: 'invalid-status', w3: 'pending', w4: 'duplicated' },
    ]);
    expect(await post([{ student_key: 'W1', status: 'enrolled' }])).toMatchObject({
      status: 422,
      body: { W1: 'conflict' },
    });
    expect(await patch([{ student_key: 'w3', status: 'ended' }])).toMatchObject({ status: 200, body: { w3: 'ended' } });
    expect(await patch([{ student_key: 'stranger', status: 'ended' }])).toMatchObject({
      status: 422,
      body: { stranger: 'not-in-program' },
    });
  });

  test('a row with NUL, or half a pair of surrogates, is refused before anything is written', async () => {
    for (const row of [
      { student_key: 'a\0', status: 'enrolled' },
      { student_key: 'b\ud800', status: 'enrolled' },
      { student_key: 'c', status: '\0' },
    ])
      expect(await patch([row])).toMatchObject({
        status: 400,
        body: [expect.stringMatching(/^expected request dicts to have text without NUL and lone surrogates for "/)],
      });
  });

  test('are told apart by key without regard to case, and one bad row spoils no other', async () => {
    const rows = ['Case', 'cASE', '', 'good'].map((student_key) => ({ student_key, status: 'enrolled' }));
    expect(await post([...rows, { student_key: 'blank', status: '' }])).toMatchObject({
      status: 207,
      body: { Case: 'duplicated', cASE: 'duplicated', '': 'internal-error', good: 'enrolled', blank: 'invalid-status' },
    });
  });

  test('in course runs are written by either key of the run', async () => {
    await post([{ student_key: 'c1', status: 'enrolled' }]);
    const course = `v2/programs/${masters}/courses/CS101-26/enrollments`;
    expect(
      await post(
        [
          { student_key: 'c1', status: 'active' },
          { student_key: 'stranger', status: 'active' },
        ],
        course,
      ),
    ).toMatchObject({ status: 207, body: { c1: 'active', stranger: 'not-in-program' } });
    const { body: runs } = await ask(partner, `v1/programs/${masters}/courses`);
    const { course_id: courseKey } = runs.find(
      (run: { external_course_key: string }) => run.external_course_key === 'CS101-26',
    );
    expect(
      await patch(
        [{ student_key: 'c1', status: 'inactive' }],
        `v1/programs/${masters}/courses/${courseKey}/enrollments/`,
      ),
    ).toMatchObject({ status: 200, body: { c1: 'inactive' } });
    expect((await post([], `v1/programs/${masters}/courses/nope/enrollments`)).status).toBe(404);
  });

  test('in a course run conflict while the learner is active there through another program', async () => {
    const { services } = site.site.gateway.context;
    const uuid = '77777777-0000-4000-8000-000000000001';
    addProgram(site.site.gateway.sandbox.state, {
      ...{ uuid, title: 'Second', organizations: ['DemoU'] },
      curricula: [{ uuid: '77777777-0000-4000-8000-0000000000c1', courses: ['DemoU+CS101'] }],
    });
    await services.programs.link({ key: 'second', uuid, organizationKey: 'DemoU' }, systemActor);
    const [first, second] = [masters, 'second'].map((key) => `v1/programs/${key}`);
    for (const program of [first, second])
      await post([{ student_key: 'two', status: 'enrolled' }], `${program}/enrollments`);
    const course = 'courses/CS101-26/enrollments';
    const active = [{ student_key: 'two', status: 'active' }];
    expect(await post(active, `${first}/${course}`)).toMatchObject({ status: 200, body: { two: 'active' } });
    expect(await post(active, `${second}/${course}`)).toMatchObject({ status: 422, body: { two: 'conflict' } });
    await patch([{ student_key: 'two', status: 'inactive' }], `${first}/${course}`);
    expect(await post(active, `${second}/${course}`)).toMatchObject({ status: 200, body: { two: 'active' } });
  });

  test('a body that is none is refused, and nothing is sent', async () => {
    expect(await post([])).toMatchObject({ status: 422, body: {} });
    expect(await post({ a: 1 })).toMatchObject({ status: 400, body: ['expected request body type: List'] });
    expect((await post(Array.from({ length: 26 }, () => ({})))).status).toBe(413);
    expect((await post('[{"student_key":')).body.detail).toMatch(/^JSON parse error - /);
    const csv = await ask(partner, at, { method: 'POST', body: 'x', headers: { 'content-type': 'text/csv' } });
    expect([csv.status, csv.body]).toEqual([415, detail('Unsupported media type "text/csv" in request.')]);
  });

  test('are read by a job, whose file is there for its owner', async () => {
    await post([{ student_key: 'r1', status: 'enrolled' }]);
    const begun = await ask(partner, `${at}?fmt=csv`);
    expect(begun.status).toBe(202);
    const { job_id: id, job_url: url } = begun.body;
    expect(url).toBe(`${site.url}/api/v1/jobs/${id}`);
    const ended = await eventually('the job has ended', async () => {
      const { body } = await ask(partner, `v2/jobs/${id}`);
      return body.state === 'Succeeded' && body;
    });
    expect(ended).toMatchObject({ job_id: id, name: `${masters}:read:list_program_enrollments`, text: null });
    const file = await (await fetch(ended.result)).text();
    expect(file.split('\r\n')[0]).toBe('student_key,status,account_exists');
    expect(file).toContain('\r\nr1,enrolled,False\r\n');
    expect(await ask(reader, `v1/jobs/${id}`)).toMatchObject({ status: 403, body: noRight });
    expect((await ask(partner, 'v1/jobs/abc')).body).toEqual(notThere);
    expect((await ask(partner, `${at}?fmt=xml`)).body).toEqual(notThere);
  });

  test('of all course runs are read by one job', async () => {
    const { body } = await ask(partner, `v1/programs/${masters}/course_enrollments/`);
    const ended = await eventually('the job has ended', async () => {
      const { body: job } = await ask(partner, `v1/jobs/${body.job_id}/`);
      return job.state === 'Succeeded' && job;
    });
    expect(ended.name).toBe(`${masters}:read:list_all_course_run_enrollments`);
    const rows = (await (await fetch(ended.result)).json()) as object[];
    for (const row of rows) expect(Object.keys(row)).toEqual(['course_id', 'student_key', 'status', 'account_exists']);
  });
});

describe('the files that the graph begins', () => {
  const begin = async (caller: GraphCaller, mutation: string, input: string) => {
    const { data, errors } = await askGraph<
      Record<string, { operation: { id: string } | null; userErrors: { code: string; message: string }[] }>
    >(caller, `mutation { ${mutation}(input: { ${input} }) { operation { id } userErrors { code message field } } }`);
    return data?.[mutation] ?? { operation: null, userErrors: [{ code: errors?.[0]?.extensions?.code as string }] };
  };
  const fileOf = async (caller: GraphCaller, id: string | undefined) => {
    const address = await eventually('the operation has ended', async () => {
      const { data } = await askGraph<{ operation: { state: string; download: { url: string } | null } }>(
        caller,
        `{ operation(id: "${id}") { state download { url } } }`,
      );
      return data?.operation.state === 'SUCCEEDED' && data.operation.download?.url;
    });
    return (await fetch(address)).text();
  };

  test('are those of the REST API, for whoever may read enrollments there', async () => {
    const learners = await begin(reader, 'exportProgramEnrollments', `programKey: "${masters}"`);
    expect(learners.userErrors).toEqual([]);
    const byRest = await ask(reader, `v1/programs/${masters}/enrollments?fmt=csv`);
    const { file } = await site.resultOf(reader, byRest.body.job_id);
    expect(await fileOf(reader, learners.operation?.id)).toBe(file);
    expect(file).toMatch(/^student_key,status,account_exists\r\n/);

    const runs = `programKey: "${masters}", courseId: "CS101-26", format: JSON`;
    const courses = await begin(reader, 'exportCourseEnrollments', runs);
    const rows: Record<string, unknown>[] = JSON.parse(await fileOf(reader, courses.operation?.id));
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map(({ course_id }) => course_id))).toEqual(new Set(['CS101-26']));
  });

  test('are not begun for a course run that the program does not have, nor without the right', async () => {
    const elsewhere = await begin(reader, 'exportCourseEnrollments', `programKey: "${masters}", courseId: "CS999"`);
    expect(elsewhere.userErrors).toMatchObject([{ code: 'INVALID', field: ['courseId'] }]);
    for (const mutation of ['exportProgramEnrollments', 'exportCourseEnrollments'])
      expect(await begin(foreigner, mutation, `programKey: "${masters}"`)).toMatchObject({ operation: null });
  });
});

describe('reports (1.9)', () => {
  const at = `v1/programs/${masters}/reports`;
  const odd = `o"d d%41#?ü;&é+__2020-02-29.csv`;
  const long = `${'x'.repeat(241)}__2021-01-05.x`;
  const namesOf = (rows: { name: string }[]) => rows.map(({ name }) => name);
  const fetchOf = async (url: string) => {
    const answer = await fetch(url);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  beforeAll(async () => {
    const files = { 'no-date.txt': '', 'a__2019-12-11.txt': 'text', [odd]: 'a,b\r\n', [long]: '' };
    await site.reports.add('DemoU', await site.uuidOf(masters), files);
  });

  test('are listed the newest first, from a day on', async () => {
    const { status, body } = await ask(reporter, at);
    expect([status, body]).toEqual([
      200,
      [
        { name: long, created_date: '2021-01-05', download_url: expect.any(String) },
        { name: odd, created_date: '2020-02-29', download_url: expect.any(String) },
        { name: 'a__2019-12-11.txt', created_date: '2019-12-11', download_url: expect.any(String) },
      ],
    ]);
    expect(namesOf((await ask(reporter, `v2/programs/${masters}/reports/?min_created_date=2020-2-29`)).body)).toEqual([
      long,
      odd,
    ]);
    for (const day of ['', 'yesterday', '2019-02-29'])
      expect(await ask(reporter, `${at}?min_created_date=${day}`), day).toMatchObject({
        status: 400,
        body: [expect.stringContaining('"min_created_date" to be a day like')],
      });
    expect((await ask(reporter, `v1/programs/${certificate}/reports`)).body).toEqual([]);
    expect((await ask(reporter, `v3/programs/${masters}/reports`)).status).toBe(404);
    expect((await ask(reporter, at, { method: 'HEAD' })).status).toBe(200);
  });

  test('are files at an address of their own, good for minutes and for that file alone', async () => {
    const { body } = await ask(reporter, at);
    const [ofLong, ofOdd, ofText] = body.map(({ download_url }: { download_url: string }) => download_url);
    const csv = await fetchOf(ofOdd);
    expect([csv.status, csv.text, csv.headers.get('content-type'), csv.headers.get('content-disposition')]).toEqual([
      200,
      'a,b\r\n',
      'text/csv',
      'attachment',
    ]);
    expect(csv.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await fetchOf(ofLong)).toMatchObject({ status: 200, text: '' });
    expect(await fetchOf(ofText)).toMatchObject({ status: 200, text: 'text' });
    const { pathname, searchParams, search } = new URL(ofText);
    const folder = pathname.slice(0, pathname.lastIndexOf('/'));
    searchParams.set('expires', String(Number(searchParams.get('expires')) + 1));
    for (const wrong of [
      `${pathname}?${searchParams}`,
      pathname,
      `${pathname}?expires=1&signature=a.b`,
      `${folder}/no-date.txt${search}`,
      `${folder}/..%2F..%2Fa__2019-12-11.txt${search}`,
      `/api/program-reports/nope/a__2019-12-11.txt${search}`,
    ])
      expect(await fetchOf(site.url + wrong), wrong).toMatchObject({ status: 404 });
  });

  test('are for who has the right, asked in the same order as elsewhere', async () => {
    expect(await ask(foreigner, 'v1/programs/nope/reports?min_created_date=x')).toMatchObject({
      status: 404,
      body: notThere,
    });
    for (const caller of [foreigner, partner, reader])
      expect(await ask(caller, `${at}?min_created_date=x`)).toMatchObject({ status: 403, body: noRight });
    expect((await ask(undefined, at)).status).toBe(401);
    const wrong = await ask(reporter, at, { method: 'POST', body: {} });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  test('are the same in the graph', async () => {
    const document = (key: string) =>
      `{ programReports(programKey: "${key}", createdSince: "2020-01-01") { name createdOn download { url name sizeBytes } } }`;
    const { data, errors } = await askGraph<{ programReports: { name: string; download: { url: string } }[] }>(
      reporter,
      document(masters),
    );
    expect(errors).toBeUndefined();
    expect(data?.programReports).toMatchObject([
      { name: long, createdOn: '2021-01-05', download: { name: long, sizeBytes: 0 } },
      { name: odd, createdOn: '2020-02-29', download: { name: odd, sizeBytes: 5 } },
    ]);
    expect(await fetchOf(data?.programReports[1]?.download.url ?? '')).toMatchObject({ status: 200, text: 'a,b\r\n' });
    const refusalOf = async (caller: GraphCaller, key: string) =>
      (await askGraph(caller, document(key))).errors?.map(({ extensions }) => extensions?.code);
    expect(await refusalOf(reader, masters)).toEqual(['FORBIDDEN']);
    expect(await refusalOf(foreigner, masters)).toEqual(['NOT_FOUND']);
    expect(await refusalOf(reporter, 'nope')).toEqual(['NOT_FOUND']);
  });

  test('that cannot be read are an error which says what to do, in each door', async () => {
    const place = site.reports.placeOf('DemoU', await site.uuidOf(micromasters));
    await writeFile(place, 'a file where the folder should be');
    const answer = await ask(reporter, `v1/programs/${micromasters}/reports`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60']);
    expect(answer.body.detail).toContain('PROGRAM_REPORTS_FOLDER');
    const { data, errors } = await askGraph(reporter, `{ programReports(programKey: "${micromasters}") { name } }`);
    expect(data).toEqual({ programReports: null });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE', retryable: true } }]);
  });
});
