import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../../support/browser.js';
import { testPassword } from '../../support/graph-site.js';
import { masters, micromasters, RegistrarSite } from './registrar-site.js';

let site: RegistrarSite;
beforeAll(async () => {
  site = await RegistrarSite.start();
});
afterAll(() => site[Symbol.asyncDispose]());

function form(content: string | Uint8Array<ArrayBuffer>, field = 'file'): FormData {
  const body = new FormData();
  body.set(field, new Blob([content]), 'e.csv');
  return body;
}

const send = (level: 'enrollments' | 'course_enrollments', content: string | Uint8Array<ArrayBuffer>, field?: string) =>
  site.ask(site.partner, `v1/programs/${masters}/${level}/upload`, { method: 'POST', body: form(content, field) });

/** Sends a file, waits for its job, and fetches what became of the rows. */
async function upload(level: 'enrollments' | 'course_enrollments', content: string) {
  const { status, body } = await send(level, content);
  expect(status).toBe(202);
  const { job_id: id, job_url: url } = body;
  expect(url).toBe(`${site.url}/api/v1/jobs/${id}`);
  const { job, file } = await site.resultOf(site.partner, id);
  return { name: job.name, text: job.text, lines: file.split('\r\n') };
}

test('a form of another site does not upload by the cookie of whoever is signed in', async () => {
  const browser = new Browser(site.url);
  await browser.go('/login');
  await browser.submit({ identifier: 'partner', password: testPassword });
  const cookie = browser.cookieHeader('/api/v1/');
  const post = (headers: Record<string, string>) =>
    site.ask(undefined, `v1/programs/${masters}/enrollments/upload`, {
      method: 'POST',
      body: form('student_key,status\nby-cookie,enrolled\n'),
      headers: { cookie, ...headers },
    });
  const elsewhere = { origin: 'https://elsewhere.example' };
  for (const headers of [{}, elsewhere, { ...elsewhere, 'x-csrftoken': 'any' }])
    expect((await post(headers)).body).toMatchObject({ detail: expect.stringMatching(/^CSRF Failed: /) });
  const { status, body } = await post({ origin: site.url, 'x-csrftoken': 'any' });
  expect(status).toBe(202);
  expect((await site.resultOf(site.partner, body.job_id)).job.text).toBe('200');
});

describe('a file of learners of a program (1.7)', () => {
  test('is written as an upsert, and a file tells what became of each key', async () => {
    const content = 'student_key,status\n001,enrolled\nnew1,pending\nnew2,bogus\ntwice,enrolled\ntwice,pending\n';
    expect(await upload('enrollments', content)).toEqual({
      name: `${masters}:write:write_program_enrollments`,
      text: '207',
      lines: ['student_key,status', '001,enrolled', 'new1,pending', 'new2,invalid-status', 'twice,duplicated', ''],
    });
    expect(await upload('enrollments', 'status,student_key\nended,001\n')).toMatchObject({
      text: '200',
      lines: ['student_key,status', '001,ended', ''],
    });
  });

  test('whose rows are all refused is a job that succeeded, and whose text says so; without rows too', async () => {
    expect(await upload('enrollments', 'student_key,status\na,bogus\nb,x\n')).toMatchObject({
      text: '422',
      lines: ['student_key,status', 'a,invalid-status', 'b,invalid-status', ''],
    });
    expect(await upload('enrollments', 'student_key,status\n')).toMatchObject({
      text: '204',
      lines: ['student_key,status', ''],
    });
  });

  test('may have a byte order mark, other columns, any line ends, and to 5 MiB', async () => {
    expect(
      await upload('enrollments', '\uFEFF Status , STUDENT_KEY ,note\r\n\r\n enrolled ," c1 ",x\r\n'),
    ).toMatchObject({
      lines: ['student_key,status', 'c1,enrolled', ''],
    });
    const full = `student_key,status\n${'\n'.repeat(5 * 1024 * 1024)}`.slice(0, 5 * 1024 * 1024);
    expect((await upload('enrollments', full)).text).toBe('204');
    const tooMuch = await send('enrollments', `${full}\n`);
    expect([tooMuch.status, tooMuch.body]).toEqual([413, { detail: 'Upload too large. Must be under 5242880 bytes' }]);
  });

  const missing = 'CSV is missing data at row #2. Required fields are [status, student_key].';
  test.each([
    ['a header', 'student,status\n1,enrolled\n', 'CSV is missing headers [student_key]'],
    ['all headers', 'a,b\n1,2\n', 'CSV is missing headers [status, student_key]'],
    ['a cell', 'student_key,status\n1,enrolled\n2\n', missing],
    ['what is in a cell', 'student_key,status\n1,enrolled\n\n2,\n', missing],
    ['an end of a row', 'student_key,status\n1,enrolled\n2,enrolled,x\n', missing],
  ])('that lacks %s is refused as a whole', async (_what, content, text) => {
    const { status, body } = await send('enrollments', content);
    expect([status, body]).toEqual([400, [text]]);
  });

  test.each([
    ['empty', '', 'The file is empty.'],
    ['of Latin-1', Uint8Array.from([...Buffer.from('student_key,status\nzo'), 0xeb]), 'bytes that are not UTF-8'],
    ['a workbook', Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0]), 'ZIP archive or an Excel workbook'],
    ['with an endless cell', `student_key,status\n${'x'.repeat(131_073)},enrolled\n`, 'longer than 100000 characters'],
  ])('that is %s is refused with what to do, where Registrar answers 500', async (_what, content, text) => {
    const { status, body } = await send('enrollments', content);
    expect(status).toBe(400);
    expect(body).toEqual([expect.stringContaining(text)]);
  });

  test('is a file: a text field of its name is none, where Registrar answers 500', async () => {
    const body = new FormData();
    body.set('file', 'student_key,status\n001,enrolled\n');
    const answer = await site.ask(site.partner, `v1/programs/${masters}/enrollments/upload`, { method: 'POST', body });
    expect([answer.status, answer.body]).toEqual([400, { detail: 'No file content uploaded' }]);
  });

  test('is asked for by name, as multipart, by whoever may write, and one at a time', async () => {
    const at = `v1/programs/${masters}/enrollments/upload`;
    const nothing = { detail: 'No file content uploaded' };
    expect(await send('enrollments', 'student_key,status\n', 'upload')).toMatchObject({ status: 400, body: nothing });
    expect(await site.ask(site.partner, at, { method: 'POST' })).toMatchObject({ status: 400, body: nothing });
    expect(await site.ask(site.partner, at, { method: 'POST', body: [] })).toMatchObject({ status: 415 });
    expect(await site.ask(site.reader, at, { method: 'POST', body: [] })).toMatchObject({ status: 403 });
    expect(await site.ask(site.foreigner, at, { method: 'POST', body: form('x') })).toMatchObject({ status: 403 });
    const get = await site.ask(site.partner, at);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    const other = await site.ask(site.partner, `v1/programs/${micromasters}/enrollments/upload`, {
      method: 'POST',
      body: form('x'),
    });
    expect(other.status).toBe(403);
  });

  test('is refused while another one of the program is under way, before it is read; of many at once one is taken', async () => {
    const { lms } = site.site;
    await lms.faults([{ match: '/api/program_enrollments/*', method: 'PUT', mode: 'slow', ms: 1_500 }]);
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, n) => send('enrollments', `student_key,status\nslow${n},enrolled\n`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409]);
    const late = await send('course_enrollments', 'x');
    expect([late.status, late.body]).toEqual([409, 'Job already in progress for program']);
    await lms.heal();
    const taken = answers.find(({ status }) => status === 202);
    await site.resultOf(site.partner, taken?.body.job_id);
  });
});

describe('a file of learners of course runs (1.7)', () => {
  test('names the runs by either key, and is answered by course and key', async () => {
    await upload('enrollments', 'student_key,status\nk1,enrolled\nk2,enrolled\n');
    const content = [
      'student_key,course_id,status',
      'k2,CS101-26,active',
      'k1,CS101-26,active',
      'stranger,CS101-26,active',
      'k1,NOPE-1,active',
    ];
    expect(await upload('course_enrollments', `${content.join('\n')}\n`)).toEqual({
      name: `${masters}:write:write_course_run_enrollments`,
      text: '207',
      lines: [
        'course_id,student_key,status',
        'CS101-26,k1,active',
        'CS101-26,k2,active',
        'CS101-26,stranger,not-in-program',
        'NOPE-1,k1,course-not-found',
        '',
      ],
    });
    const { status, body } = await send('course_enrollments', 'student_key,status\n001,active\n');
    expect([status, body]).toEqual([400, ['CSV is missing headers [course_id]']]);
  });
});

describe('grades of a course run (1.8)', () => {
  const at = (course: string) => `v1/programs/${masters}/courses/${course}/grades`;

  test('are read by a job, as JSON and as CSV, by the keys of the partner', async () => {
    const { body } = await site.ask(site.reader, at('CS101-26'));
    const { job, file } = await site.resultOf(site.reader, body.job_id);
    expect(job).toMatchObject({ name: 'get_course_run_grades', text: '200' });
    const rows = JSON.parse(file) as Record<string, unknown>[];
    expect(rows).toContainEqual({
      student_key: 'DU-0001',
      letter_grade: expect.toSatisfy((grade) => grade === null || typeof grade === 'string'),
      percent: expect.stringMatching(/^\d\.\d{3}$/),
      passed: expect.any(Boolean),
    });
    const csv = await site.ask(site.reader, `${at('CS101-26')}/?fmt=csv`);
    const { file: lines } = await site.resultOf(site.reader, csv.body.job_id);
    expect(lines.split('\r\n')[0]).toBe('student_key,letter_grade,percent,passed,error');
    expect(lines).toMatch(/\r\nDU-0001,\w*,\d\.\d{3},(True|False),\r\n/);
  });

  test('that the LMS does not have are told row by row, and the text says whether that is some or all', async () => {
    const { lms } = site.site;
    const good = { student_key: 'g1', letter_grade: 'A', percent: 0.1 + 0.2, passed: true };
    const none = { student_key: 'g2', error: 'no grade' };
    const read = async (status: number, results: object[]) => {
      const body = { next: null, previous: null, results };
      await lms.faults([{ match: '/api/program_enrollments/*/grades/', method: 'GET', mode: 'answer', status, body }]);
      const begun = await site.ask(site.reader, `${at('CS101-26')}?fmt=csv`);
      const { job, file } = await site.resultOf(site.reader, begun.body.job_id);
      return [job.text, file.split('\r\n').slice(1, -1)];
    };
    expect(await read(200, [good])).toEqual(['200', ['g1,A,0.300,True,']]);
    expect(await read(207, [good, none])).toEqual(['207', ['g1,A,0.300,True,', 'g2,,,,no grade']]);
    expect(await read(422, [none])).toEqual(['422', ['g2,,,,no grade']]);
    expect(await read(200, [])).toEqual(['200', []]);
    await lms.heal();
  });

  test('are refused as enrollments are', async () => {
    expect((await site.ask(site.partner, at('nope'))).status).toBe(404);
    expect((await site.ask(site.partner, `${at('CS101-26')}?fmt=xml`)).status).toBe(404);
    expect((await site.ask(site.foreigner, at('CS101-26'))).status).toBe(403);
    expect((await site.ask(site.partner, `v1/programs/${micromasters}/courses/x/grades`)).status).toBe(403);
    expect((await site.ask(site.partner, at('CS101-26'), { method: 'POST', body: [] })).status).toBe(405);
    expect((await site.ask(site.partner, at('CS101-26'), { method: 'HEAD' })).status).toBe(405);
  });
});
