import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { ExportedGrade } from '../../../../src/services/grade/export-grades.js';
import { type GradeFormat, writeGrades } from '../../../../src/services/grade/write-grades.js';

const aGrade = (facts: Partial<ExportedGrade> = {}): ExportedGrade => ({
  courseKey: 'course-v1:Edu+Graded+1',
  username: 'ann',
  email: 'ann@example.org',
  name: 'Ann Archer',
  lmsUsername: 'Ann',
  lmsUserId: 7,
  remoteId: 'ann',
  mode: 'verified',
  percent: 0.85,
  letterGrade: 'B',
  passed: true,
  hasCertificate: false,
  asOf: new Date('2026-11-25T10:00:00Z'),
  ...facts,
});

async function write(grades: ExportedGrade[], format: GradeFormat): Promise<string> {
  const out = new PassThrough();
  const written = text(out);
  await writeGrades(
    (async function* () {
      yield* grades;
    })(),
    out,
    { format },
  );
  return written;
}

test('grades become CSV with a header; what a spreadsheet would run as a formula is made harmless', async () => {
  const evil = aGrade({
    name: '=HYPERLINK("http://evil.example","me")',
    letterGrade: null,
    mode: null,
    lmsUserId: null,
  });
  const [header, plain, quoted] = (await write([aGrade(), evil], 'csv')).split('\n');
  expect(header).toBe(
    'course_key,username,lms_username,lms_user_id,remote_id,email,name,mode,percent,letter_grade,passed,certificate,as_of',
  );
  expect(plain).toBe(
    'course-v1:Edu+Graded+1,ann,Ann,7,ann,ann@example.org,Ann Archer,verified,0.85,B,true,false,2026-11-25T10:00:00.000Z',
  );
  expect(quoted).toContain(`"'=HYPERLINK(""http://evil.example"",""me"")"`);
});

test('nothing to write is still a header', async () => {
  expect(await write([], 'csv')).toMatch(/^course_key,[^\n]+\n$/);
  expect(await write([], 'jsonl')).toBe('');
});

test('as JSON lines each grade is an object with the same names', async () => {
  const lines = (await write([aGrade(), aGrade({ letterGrade: null })], 'jsonl')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ course_key: 'course-v1:Edu+Graded+1', percent: 0.85, letter_grade: 'B', passed: true }),
    expect.objectContaining({ letter_grade: null, certificate: false }),
  ]);
});

test.each(['csv', 'jsonl'] as const)('as %s grades are read no faster than they are taken', async (format) => {
  let read = 0;
  async function* endless() {
    for (;;) {
      read += 1;
      yield aGrade();
    }
  }
  const stop = new AbortController();
  const { promise: stuck, resolve } = Promise.withResolvers<void>();
  // Takes one piece and never says that it is ready for more.
  const out = new Writable({ write: () => resolve() });
  const writing = writeGrades(endless(), out, { format, signal: stop.signal });
  await stuck;
  const readThen = async () => {
    await new Promise((resume) => setImmediate(resume));
    return read;
  };
  let before = -1;
  while (before !== (await readThen())) before = read;
  expect(read).toBeLessThan(2_000);
  stop.abort();
  await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
});
