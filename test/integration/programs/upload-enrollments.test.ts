import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProgramEnrollmentEntity } from '../../../src/entities/program-enrollment.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import type { UploadRequest } from '../../../src/services/program-write/program-write.service.js';
import { eventually } from '../../support/eventually.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { pullLever, type SandboxRequest } from '../../support/sandbox-levers.js';
import { addTestProgram, runs, type TestProgram } from './program-site.js';

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
});
afterAll(() => site[Symbol.asyncDispose]());

interface Row {
  number: number;
  key: string | null | undefined;
  outcome: string | null | undefined;
  reason: string | null | undefined;
}

async function upload(
  { program }: TestProgram,
  level: 'program' | 'course',
  request: string | Partial<UploadRequest>,
): Promise<{
  state: string;
  total: number | null;
  done: number;
  failed: number;
  failure: string | undefined;
  rows: Row[];
}> {
  const { operations, programWrites } = site.gateway.context.services;
  const asked = typeof request === 'string' ? { csv: request, isDryRun: false } : { isDryRun: false, ...request };
  const { id } = await programWrites.upload(program, level, asked, systemActor);
  const { state, total, done, failed, failure } = await operations.follow(id);
  const { rows } = await operations.rows(id, {}, { size: 200 });
  return {
    state,
    total: total ?? null,
    done,
    failed,
    failure: failure?.message,
    rows: rows.map(({ number, key, outcome, reason }) => ({ number, key, outcome, reason })),
  };
}

const words = ({ rows }: { rows: Row[] }) => rows.map(({ number, key, outcome }) => `${number} ${key} ${outcome}`);

describe('a file of learners of a program', () => {
  test('is written, whatever its columns are called, with its blank lines and quotes', async () => {
    const school = await addTestProgram(site.gateway);
    const csv = '\uFEFF Status , STUDENT_KEY ,note\r\n\r\n enrolled ," c1 ",x\r\n   \r\npending,"c,2",\r\n';
    const ended = await upload(school, 'program', csv);
    expect(ended).toMatchObject({ state: 'SUCCEEDED', total: 2, done: 2, failed: 0 });
    expect(words(ended)).toEqual(['1 c1 OK', '2 c,2 OK']);
    expect(school.inLms()).toEqual(
      new Map([
        ['c1', 'enrolled'],
        ['c,2', 'pending'],
      ]),
    );
    const em = site.gateway.context.orm.em.fork();
    expect(await em.count(ProgramEnrollmentEntity, { programId: school.program.id })).toBe(2);
  });

  test('says of every row that cannot be right what to do, and writes the others', async () => {
    const school = await addTestProgram(site.gateway);
    const rows = ['good,enrolled', 'bad,frozen', 'blank,', ',enrolled', 'a:b,enrolled', 'Twice,enrolled'];
    const more = ['twice,pending', 'short', 'long,enrolled,x', 'Good2,ended', 'bad2,Enrolled'];
    const ended = await upload(school, 'program', `student_key,status\n${[...rows, ...more].join('\n')}\n`);
    expect(ended).toMatchObject({ state: 'PARTIAL', total: 11, done: 11, failed: 9 });
    expect(words(ended)).toEqual([
      '1 good OK',
      '2 bad INVALID_STATUS',
      '3 blank INVALID_STATUS',
      '4  INVALID',
      '5 a:b INVALID',
      '6 Twice DUPLICATED',
      '7 twice DUPLICATED',
      '8 short INVALID',
      '9 long INVALID',
      '10 Good2 OK',
      '11 bad2 INVALID_STATUS',
    ]);
    for (const { outcome, reason } of ended.rows) if (outcome !== 'OK') expect(reason).toMatch(/\.$/);
    expect([...school.inLms().keys()].sort()).toEqual(['Good2', 'good']);
  });

  test('goes out 25 rows a call, and changes who is there', async () => {
    const school = await addTestProgram(site.gateway);
    const file = (status: string) =>
      `student_key,status\n${Array.from({ length: 60 }, (_, i) => `k${i},${status}`).join('\n')}`;
    await upload(school, 'program', file('pending'));
    await site.lms.forgetRequests();
    const ended = await upload(school, 'program', file('enrolled'));
    expect(ended).toMatchObject({ state: 'SUCCEEDED', total: 60 });
    const calls = (await pullLever(site.gateway.sandbox.lmsUrl, 'GET', 'requests')) as SandboxRequest[];
    expect(calls.filter(({ method }) => method === 'PUT')).toHaveLength(3);
    expect(new Set(school.inLms().values())).toEqual(new Set(['enrolled']));
  });

  test('without rows is done at once', async () => {
    const school = await addTestProgram(site.gateway);
    expect(await upload(school, 'program', 'student_key,status\n')).toMatchObject({ state: 'SUCCEEDED', total: 0 });
  });

  test.each([
    ['names the wrong columns', 'student,status\n1,enrolled\n', 'MISSING_COLUMNS'],
    ['is separated by semicolons', 'student_key;status\n1;enrolled\n', 'MISSING_COLUMNS'],
    ['is empty', '\n', 'EMPTY_FILE'],
    ['names a column twice', 'student_key,status,Status\n1,enrolled,ended\n', 'AMBIGUOUS_COLUMNS'],
    ['leaves a quotation mark open', 'student_key,status\n1,enrolled\n"2,enrolled\n3,enrolled\n', 'MALFORMED_CSV'],
    ['is too large', `student_key,status\n${'x'.repeat(1024 * 1024)},enrolled\n`, 'TOO_LARGE'],
  ])('that %s begins nothing', async (_what, csv, reason) => {
    const school = await addTestProgram(site.gateway);
    await expect(upload(school, 'program', csv)).rejects.toMatchObject({ reason });
    expect(school.inLms().size).toBe(0);
  });

  test('is told in a dry run what would change, and nothing does', async () => {
    const school = await addTestProgram(site.gateway);
    await upload(school, 'program', 'student_key,status\nstays,enrolled\nmoves,pending\n');
    const csv = 'student_key,status\nSTAYS,enrolled\nmoves,enrolled\nnew,enrolled\nbad,x\n';
    const ended = await upload(school, 'program', { csv, isDryRun: true });
    expect(ended).toMatchObject({ state: 'PARTIAL', total: 4, done: 4, failed: 1 });
    expect(ended.rows.map(({ reason }) => reason)).toEqual([
      'Nothing would change: it is enrolled already.',
      'It would be changed from pending to enrolled.',
      'It would be added as enrolled.',
      expect.stringContaining('no status'),
    ]);
    expect(school.inLms()).toEqual(
      new Map([
        ['stays', 'enrolled'],
        ['moves', 'pending'],
      ]),
    );
  });

  test('that is canceled says of each row whether it was sent', async () => {
    const school = await addTestProgram(site.gateway);
    const { orm, services } = site.gateway.context;
    const keys = Array.from({ length: 400 }, (_, n) => `k${String(n).padStart(3, '0')}`);
    const csv = `student_key,status\n${keys.map((key) => `${key},enrolled`).join('\n')}\n`;
    await site.lms.faults([{ match: '/api/program_enrollments/*', mode: 'hold' }]);
    const { id } = await services.programWrites.upload(
      school.program,
      'program',
      { csv, isDryRun: false },
      systemActor,
    );
    const ended = services.operations.follow(id);
    await eventually('rows are fetched ahead of those that are sent', async () => {
      const taken = await orm.em
        .fork()
        .execute('select 1 from operation_row where operation_id = ? and taken_at is not null', [id]);
      return taken.length > 100;
    });
    await services.operations.cancel(id, systemActor);
    // Those under way end after it was heard of.
    await site.lms.faults([{ match: '/api/program_enrollments/*', mode: 'slow', ms: 500 }]);
    expect((await ended).state).toBe('CANCELED');
    await site.lms.faults([]);
    const rows = await orm.em
      .fork()
      .execute<{ key: string; outcome: string; reason: string | null }[]>(
        'select key, outcome, reason from operation_row where operation_id = ? order by number',
        [id],
      );
    expect(rows.length).toBe(400);
    for (const { key, outcome, reason } of rows)
      expect([key, outcome, reason]).toEqual(
        school.inLms().has(key)
          ? [key, 'OK', null]
          : [key, 'CANCELLED', 'The operation was canceled before this row was done.'],
      );
    expect(school.inLms().size).toBeGreaterThan(0);
    expect(school.inLms().size).toBeLessThan(400);
  });

  test('fails as a whole where the LMS does not know the program', async () => {
    const school = await addTestProgram(site.gateway, { isInLms: false });
    const ended = await upload(school, 'program', 'student_key,status\n1,enrolled\n');
    expect(ended).toMatchObject({ state: 'FAILED', failure: expect.stringContaining('cache_programs') });
  });

  test('is refused where nobody could be added', async () => {
    const school = await addTestProgram(site.gateway, { hasCurriculum: false });
    await expect(upload(school, 'program', 'student_key,status\n1,enrolled\n')).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});

describe('a file of learners in course runs', () => {
  test('names runs by their key or the partner’s', async () => {
    const school = await addTestProgram(site.gateway);
    await upload(school, 'program', 'student_key,status\n001,enrolled\n002,enrolled\n');
    const [first, second] = runs;
    const csv = [
      'student_key,course_id,status,course_staff',
      `001,${first.externalKey},active,true`,
      `stranger,${first.courseKey},active,`,
      '003,NOPE-1,active,',
      `001,${second.courseKey},inactive,`,
      `002,${first.externalKey},active,maybe`,
      `002,${second.externalKey},active,`,
      `002,${second.courseKey},inactive,`,
    ];
    const ended = await upload(school, 'course', csv.join('\n'));
    expect(words(ended)).toEqual([
      '1 001 OK',
      '2 stranger NOT_IN_PROGRAM',
      '3 003 COURSE_NOT_FOUND',
      '4 001 OK',
      '5 002 INVALID',
      '6 002 DUPLICATED',
      '7 002 DUPLICATED',
    ]);
    const inRun = site.gateway.sandbox.state.programs.byCourse.of(`${school.program.discoveryUuid} ${first.courseKey}`);
    expect(inRun).toMatchObject([{ status: 'active', isCourseStaff: true }]);
  });

  test('is told in a dry run who is not in the program', async () => {
    const school = await addTestProgram(site.gateway);
    await upload(school, 'program', 'student_key,status\n001,enrolled\n');
    const csv = `student_key,course_id,status\n001,CS101-26,active\nstranger,CS101-26,active\n`;
    const ended = await upload(school, 'course', { csv, isDryRun: true });
    expect(words(ended)).toEqual(['1 001 OK', '2 stranger NOT_IN_PROGRAM']);
  });
});
