import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { testPassword } from '../../support/graph-site.js';
import { PageVisitor } from '../../support/page-visitor.js';
import { masters, micromasters, RegistrarSite } from '../registrar/registrar-site.js';

const program = `/partner/programs/${masters}`;
let site: RegistrarSite;
/** Browsers without JavaScript. */
let partner: PageVisitor;
let reader: PageVisitor;
let foreigner: PageVisitor;

beforeAll(async () => {
  site = await RegistrarSite.start();
  [partner, reader, foreigner] = await Promise.all([signedIn('partner'), signedIn('reader'), signedIn('foreigner')]);
});
afterAll(() => site[Symbol.asyncDispose]());

function newVisitor(): PageVisitor {
  const { httpServer } = site.site.gateway.app;
  if (!httpServer) throw new Error('there is no web half');
  return new PageVisitor(httpServer, site.url);
}

async function signedIn(username: string, path = '/partner'): Promise<PageVisitor> {
  const visitor = newVisitor();
  await visitor.go(path);
  await visitor.submit({ identifier: username, password: testPassword });
  return visitor;
}

interface Sent {
  level?: string;
  dry?: string;
  _csrf?: string;
}

/** Sends the form for an upload as a browser does: its fields in their order, then the file. */
async function upload(visitor: PageVisitor, content: string, fields: Sent = {}, headers: Record<string, string> = {}) {
  await visitor.go(program);
  const token = /name="_csrf" value="([^"]+)"/.exec(visitor.response?.body ?? '')?.[1] ?? '';
  const boundary = 'test-boundary';
  const parts = Object.entries({ _csrf: token, level: 'program', ...fields }).map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="e.csv"\r\ncontent-type: text/csv\r\n\r\n${content}\r\n--${boundary}--\r\n`;
  await visitor.go(`${program}/uploads`, {
    method: 'POST',
    payload: parts.join('') + file,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, origin: site.url, ...headers },
  });
  return visitor.response?.statusCode;
}

/** Loads the page of an upload or a download until it has ended. */
const ended = (visitor: PageVisitor) =>
  eventually('it has ended', async () => {
    await visitor.go(visitor.path);
    return !visitor.response?.body.includes('data-progress');
  });

const countOf = async (entity: string) => {
  const [row] = await site.site.gateway.context.orm.em
    .fork()
    .execute<{ count: number }[]>(`select count(*)::int as count from ${entity}`);
  return row?.count;
};

describe('the way in', () => {
  test('leads over the sign-in page', async () => {
    expect(partner.path).toBe('/partner');
    expect(partner.text).toContain(masters);
    expect(partner.text).toContain('You may: see the program, read enrollments and grades, and change enrollments');
  });

  test('says how one gets there to who has no right in a program', async () => {
    const { id: accountId } = await site.site.aPerson({ username: 'nobody', isLinked: false });
    const nobody = await signedIn('nobody');
    expect(nobody.response?.statusCode).toBe(200);
    expect(nobody.text).toContain('Your account has no rights in a program yet.');
    await nobody.go('/account');
    expect(nobody.response?.body).not.toContain('href="/partner"');
    const role = { role: 'ORGANIZATION_READ_METADATA', organizationKey: 'DemoU' } as const;
    await site.site.gateway.context.services.partnerGrants.grant({ accountId }, role, systemActor);
    await nobody.go('/account');
    expect(nobody.response?.body).toContain('href="/partner"');
    await nobody.go(program);
    expect(nobody.response?.statusCode).toBe(200);
    expect(nobody.response?.body).not.toMatch(/uploads"|downloads"/);
  });
});

describe('a file of enrollments', () => {
  test('becomes rows with their reasons, the failed ones first, and a file of those to put right', async () => {
    await upload(partner, 'student_key,status\nP-1,enrolled\nP-2,Enrolled\n=P-3,bogus\n');
    expect(partner.path).toMatch(new RegExp(`^${program}/operations/`));
    await ended(partner);
    const work = partner.path;
    expect(partner.text).toContain('3 of 3 rows, 2 of them failed');
    expect(partner.text).toMatch(/P-2 Row 2 · Enrolled “Enrolled” is no status\. Use enrolled, pending/);
    expect(partner.text).not.toContain('P-1');
    await partner.go(`${work}?rows=all`);
    expect(partner.text).toMatch(/P-1 Row 1/);
    await partner.go(`${work}/failed-rows.csv`);
    expect(partner.response?.headers['content-disposition']).toBe('attachment; filename="failed-rows.csv"');
    expect(partner.response?.body).toMatch(
      /^student_key,status,problem\r\nP-2,Enrolled,"“Enrolled” is no status\.[^"]+"\r\n'=P-3,bogus,"[^"]+"\r\n$/,
    );
    const corrected = partner.response?.body.replace('P-2,Enrolled', 'P-2,enrolled') ?? '';
    await upload(partner, corrected.split('\r\n').slice(0, 2).join('\r\n'));
    await ended(partner);
    expect(partner.text).toContain('1 of 1 rows, 0 of them failed');
  });

  test('is tried first, and then written as it is', async () => {
    await upload(partner, 'student_key,status\nD-1,enrolled\nD-2,bogus\n', { dry: 'yes' });
    await ended(partner);
    const dry = partner.path;
    expect(partner.text).toContain('What a file of learners of the program would change');
    await partner.go(`${dry}?rows=all`);
    expect(partner.text).toContain('It would be added as enrolled.');
    await partner.submit({}, { action: `${dry}/apply` });
    expect(partner.path).not.toBe(dry);
    await ended(partner);
    expect(partner.text).toContain('2 of 2 rows, 1 of them failed');
    expect(partner.text).toContain('Upload of learners of the program');
  });

  test('is tried again for its failed rows alone', async () => {
    await upload(partner, 'student_key,status\nR-1,enrolled\nR-2,bogus\n');
    await ended(partner);
    const first = partner.path;
    await partner.submit({}, { action: `${first}/retry` });
    await ended(partner);
    expect(partner.path).not.toBe(first);
    expect(partner.text).toContain('1 of 1 rows, 1 of them failed');
  });

  test('shows its rows by pages', async () => {
    const lines = Array.from({ length: 60 }, (_, index) => `G-${index + 1},bogus`);
    await upload(partner, `student_key,status\n${lines.join('\n')}\n`);
    await ended(partner);
    expect(partner.text).toMatch(/G-50 Row 50 /);
    expect(partner.text).not.toMatch(/Row 51 /);
    const next = /href="([^"]+)"[^>]*>Later rows/.exec(partner.response?.body ?? '')?.[1] ?? '';
    await partner.go(next.replaceAll('&amp;', '&').replaceAll('&#61;', '=').replaceAll('&#38;', '&'));
    expect(partner.text).toMatch(/Row 51 .*Row 60 /);
    expect(partner.text).not.toMatch(/Row 50 /);
  });

  test.each([
    ['is empty', '', {}, 422, 'The file is empty.'],
    ['has other separators', 'student_key;status\n1;enrolled\n', {}, 422, 'Save it as CSV with commas.'],
    ['lacks a column', 'student_key,status\n1,active\n', { level: 'course' }, 422, 'it lacks course_id'],
  ])(
    'that %s is refused in plain words, beside the field, and leaves nothing',
    async (_what, content, fields, status, text) => {
      const before = [await countOf('operation'), await countOf('upload')];
      expect(await upload(partner, content, fields)).toBe(status);
      expect(partner.text).toContain(text);
      expect(partner.response?.body).toContain('id="file-error"');
      expect([await countOf('operation'), await countOf('upload')]).toEqual(before);
    },
  );

  test('is not taken from a form of another site', async () => {
    const before = await countOf('operation');
    const content = 'student_key,status\nX-1,enrolled\n';
    expect(await upload(partner, content, { _csrf: 'guessed' })).toBe(403);
    expect(await upload(partner, content, {}, { origin: 'https://elsewhere.example' })).toBe(403);
    expect(await upload(partner, content, {}, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await countOf('operation')).toBe(before);
  });

  test('that is longer than it may be is refused before it is read', async () => {
    expect(await upload(partner, 'student_key,status\n', {}, { 'content-length': String(200 * 1024 * 1024) })).toBe(
      413,
    );
  });
});

describe('downloads', () => {
  test.each([
    ['learners', {}, 'student_key,status,account_exists'],
    ['course-learners', {}, 'course_id,student_key,status,account_exists'],
  ])('of %s are put together, and have a fresh address each time', async (what, fields, header) => {
    await reader.go(program);
    const body = new URLSearchParams({ _csrf: tokenOf(reader), what, ...fields });
    await send(reader, `${program}/downloads`, body);
    await ended(reader);
    const answer = await fetchDownload(reader);
    expect(answer.split('\r\n')[0]).toBe(header);
  });

  test('of grades are by course run', async () => {
    await reader.go(program);
    const courseKey = /name="courseKey" value="([^"]+)"/.exec(reader.response?.body ?? '')?.[1] ?? '';
    expect(courseKey).not.toBe('');
    const body = new URLSearchParams({ _csrf: tokenOf(reader), what: 'grades', courseKey });
    await send(reader, `${program}/downloads`, body);
    await ended(reader);
    expect((await fetchDownload(reader)).split('\r\n')[0]).toBe('student_key,letter_grade,percent,passed,error');
    body.set('courseKey', 'course-v1:No+Such+Run');
    await send(reader, `${program}/downloads`, body);
    expect(reader.response?.statusCode).toBe(422);
  });
});

describe('rights', () => {
  test('decide what the page of a program offers, and what is done', async () => {
    await reader.go(program);
    expect(reader.response?.body).not.toContain('/uploads"');
    expect(reader.response?.body).toContain('/downloads"');
    expect(await upload(reader, 'student_key,status\nX-1,enrolled\n')).toBe(403);
  });

  test('of another school open nothing: program, files and rows are not there', async () => {
    await upload(partner, 'student_key,status\nKept-1,bogus\n');
    await ended(partner);
    const work = partner.path;
    await foreigner.go('/partner');
    expect(foreigner.text).not.toContain(masters);
    await foreigner.go('/partner/programs/elsewhere');
    const token = tokenOf(foreigner);
    expect(token).not.toBe('');
    for (const path of [program, work, `${work}/download`, `${work}/failed-rows.csv`]) {
      await foreigner.go(path);
      expect([path, foreigner.response?.statusCode]).toEqual([path, 404]);
      expect(foreigner.text).not.toContain('Kept-1');
    }
    for (const act of ['cancel', 'retry', 'apply']) {
      await send(foreigner, `${work}/${act}`, new URLSearchParams({ _csrf: token }));
      expect([act, foreigner.response?.statusCode]).toEqual([act, 404]);
    }
    await send(foreigner, `${program}/downloads`, new URLSearchParams({ _csrf: token, what: 'learners' }));
    expect(foreigner.response?.statusCode).toBe(404);
    // Nor is it there by way of a program of their own, or for a colleague who did not begin it.
    await foreigner.go(work.replace(masters, 'elsewhere'));
    expect(foreigner.response?.statusCode).toBe(404);
    await reader.go(work);
    expect(reader.response?.statusCode).toBe(404);
  });
});

describe('reports', () => {
  const name = 'grades & more__2020-02-29.csv';

  test('are there for who may read them, when there are any', async () => {
    const reporter = await signedIn('reporter', program);
    expect(reporter.response?.statusCode).toBe(200);
    expect(reporter.text).not.toContain('Reports');
    await site.reports.add('DemoU', await site.uuidOf(masters), { [name]: 'a,b\r\n' });
    await reporter.go(program);
    expect(reporter.text).toMatch(/Reports grades &#38; more__2020-02-29\.csv Feb 29, 2020/);
    const href = /href="([^"]+\/reports\/[^"]+)"/.exec(reporter.response?.body ?? '')?.[1] ?? '';
    await reporter.go(href);
    expect(reporter.response?.headers['content-disposition']).toBe('attachment');
    expect(reporter.response?.body).toBe('a,b\r\n');
    await reporter.go(`${program}/reports/gone__2020-02-29.csv`);
    expect([reporter.response?.statusCode, reporter.text.includes('The report is no longer there.')]).toEqual([
      404,
      true,
    ]);
    for (const other of [partner, foreigner]) {
      await other.go(program);
      expect(other.text).not.toContain('more__2020-02-29');
      await other.go(href);
      expect(other.response?.statusCode).toBeGreaterThanOrEqual(403);
    }
  });

  test('that cannot be read leave the rest of the page as it is', async () => {
    const reporter = await signedIn('reporter');
    await writeFile(
      site.reports.placeOf('DemoU', await site.uuidOf(micromasters)),
      'a file where the folder should be',
    );
    await reporter.go(`/partner/programs/${micromasters}`);
    expect(reporter.response?.statusCode).toBe(200);
    expect(reporter.text).toContain('Reports cannot be read at the moment.');
  });
});

test('in Spanish', async () => {
  const visitor = await signedIn('partner');
  await visitor.go(program, { headers: { 'accept-language': 'es' } });
  expect(visitor.text).toContain('Subir matrículas');
});

function tokenOf(visitor: PageVisitor): string {
  const own = /name="_csrf" value="([^"]+)"/.exec(visitor.response?.body ?? '')?.[1];
  return own ?? '';
}

const send = (visitor: PageVisitor, path: string, body: URLSearchParams) =>
  visitor.go(path, {
    method: 'POST',
    payload: body.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: site.url },
  });

async function fetchDownload(visitor: PageVisitor): Promise<string> {
  await visitor.go(`${visitor.path}/download`);
  expect(visitor.path).toMatch(/^\/api\/operations\/[^/]+\/download\?expires=/);
  return visitor.response?.body ?? '';
}
