import { describe, expect, test } from 'vitest';
import { createLmsEnrollmentStore } from '../../../src/datasources/program/lms-enrollment-store.js';
import { createProgramEnrollmentWrites } from '../../../src/datasources/program/write-program-enrollments.js';
import { answerJson, connectLms, startScriptedLms } from '../datasources/scripted-lms.js';

/** An LMS that has a program, and fails with some learners as the real one does: for the whole request. */
interface Faults {
  /** Answers the request with this status, whoever else is in it. */
  poison?: Record<string, number>;
  /** Does not say what became of them. */
  silentAbout?: string[];
  /** Answers by the spelling that it has stored. */
  spellings?: Record<string, string>;
  /** Answers every write with this. */
  always?: number;
  /** Does the work, and drops the connection. */
  losesAnswers?: boolean;
}

interface SentRow {
  student_key: string;
  status: string;
  curriculum_uuid?: string;
}

async function openLms({ poison = {}, silentAbout = [], spellings = {}, always, losesAnswers = false }: Faults = {}) {
  const has = new Map<string, string>();
  const calls: SentRow[][] = [];
  const server = await startScriptedLms(({ method, url, body }, response) => {
    if (url.startsWith('/oauth2/'))
      return answerJson(response, 200, { access_token: 't', expires_in: 3600, token_type: 'JWT' });
    if (method === 'GET') {
      const results = [...has].map(([student_key, status]) => ({ student_key, status }));
      return answerJson(response, 200, { next: null, previous: null, results });
    }
    const rows = JSON.parse(body) as SentRow[];
    calls.push(rows);
    if (always) return answerJson(response, always, { developer_message: 'no' });
    const bad = rows.find(({ student_key }) => poison[student_key] !== undefined);
    if (bad) {
      const status = poison[bad.student_key] ?? 500;
      const errors = rows.map((row) => (row === bad ? { student_key: ['This field is odd.'] } : {}));
      return answerJson(response, status, { developer_message: errors });
    }
    for (const { student_key, status } of rows) has.set(student_key, status);
    if (losesAnswers) return void response.destroy();
    const said = rows.filter(({ student_key }) => !silentAbout.includes(student_key));
    const answer = said.map(({ student_key, status }) => [spellings[student_key] ?? student_key, status]);
    return answerJson(response, 200, Object.fromEntries(answer));
  });
  const lms = connectLms(server.url);
  return {
    has,
    calls,
    writes: createProgramEnrollmentWrites(createLmsEnrollmentStore(lms.client)),
    async [Symbol.asyncDispose]() {
      await lms[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const place = {
  program: { key: 'masters', uuid: '11111111-1111-4111-8111-111111111111' },
  curriculumUuid: '2'.repeat(36),
};
const learners = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ externalKey: `k${index}`, status: 'enrolled' }));
const job = { purpose: 'job' } as const;
const put = { method: 'PUT' } as const;
const outcomes = (rows: { row: { externalKey: string }; outcome: string }[]) =>
  Object.fromEntries(rows.map(({ row, outcome }) => [row.externalKey, outcome]));

describe('a batch that the LMS refuses as a whole', () => {
  test.each([400, 500])('with %i is sent in halves, until the row that is to blame is alone', async (status) => {
    await using lms = await openLms({ poison: { k7: status } });
    const { rows, trouble } = await lms.writes.write(place, learners(25), put, job);
    expect(trouble).toBeUndefined();
    expect(rows).toHaveLength(25);
    const [bad, ...others] = rows.filter(({ outcome }) => outcome !== 'OK');
    expect(others).toEqual([]);
    expect(bad).toMatchObject({ row: { externalKey: 'k7' }, outcome: 'UPSTREAM_REJECTED' });
    expect(bad?.reason).toContain(status === 400 ? 'student_key: This field is odd.' : 'another key');
    expect(lms.has.size).toBe(24);
    // Each of the others was taken once.
    const taken = lms.calls.filter((call) => call.every(({ student_key }) => student_key !== 'k7')).flat();
    expect(new Set(taken.map(({ student_key }) => student_key)).size).toBe(taken.length);
    expect(lms.calls.length).toBeLessThanOrEqual(11);
  });

  test('for every row of it is the LMS’s own trouble, which does not cost a call for each', async () => {
    await using lms = await openLms({ always: 500 });
    const { rows, trouble } = await lms.writes.write(place, learners(25), put, job);
    expect(rows).toEqual([]);
    expect(trouble).toMatchObject({ why: 'server-error', status: 500 });
    expect(lms.calls.length).toBeLessThan(12);
  });
});

describe('a row of which the LMS says nothing', () => {
  test('is looked up, and not guessed', async () => {
    await using lms = await openLms({ silentAbout: ['k1'] });
    const { rows } = await lms.writes.write(place, learners(3), put, job);
    expect(outcomes(rows)).toEqual({ k0: 'OK', k1: 'OK', k2: 'OK' });
  });

  test('is known by the spelling that the LMS has stored', async () => {
    await using lms = await openLms({ spellings: { k0: 'K0' } });
    const { rows } = await lms.writes.write(place, learners(1), put, job);
    expect(outcomes(rows)).toEqual({ k0: 'OK' });
  });

  test('and whose addition may have been done, is looked up instead of added again', async () => {
    await using lms = await openLms({ losesAnswers: true });
    const { rows } = await lms.writes.write(place, learners(2), { method: 'POST' }, job);
    expect(outcomes(rows)).toEqual({ k0: 'OK', k1: 'OK' });
    expect(lms.calls).toHaveLength(1);
  });
});

describe('rows', () => {
  test('that cannot be right are not sent', async () => {
    await using lms = await openLms();
    const given = [
      { externalKey: ' pad ', status: 'enrolled' },
      { externalKey: 'ABC', status: 'enrolled' },
      { externalKey: 'abc', status: 'enrolled' },
      { externalKey: 'a:b', status: 'enrolled' },
      { externalKey: ' ', status: 'enrolled' },
      { externalKey: 'x'.repeat(256), status: 'enrolled' },
      { externalKey: 'frozen', status: 'frozen' },
    ];
    const { rows } = await lms.writes.write(place, given, put, job);
    expect(rows.map(({ outcome }) => outcome).sort()).toEqual(
      ['OK', 'DUPLICATED', 'DUPLICATED', 'INVALID', 'INVALID', 'INVALID', 'INVALID_STATUS'].sort(),
    );
    expect(lms.calls).toEqual([[{ student_key: 'pad', status: 'enrolled', curriculum_uuid: place.curriculumUuid }]]);
  });

  test('go out 25 in a call', async () => {
    await using lms = await openLms();
    await lms.writes.write(place, learners(60), put, job);
    expect(lms.calls.map((call) => call.length)).toEqual([25, 25, 10]);
  });
});

test('an LMS that does not know the program says so once and for all', async () => {
  await using lms = await openLms({ always: 404 });
  await expect(lms.writes.write(place, learners(3), put, job)).rejects.toMatchObject({
    code: 'UPSTREAM_REJECTED',
    message: expect.stringContaining('cache_programs'),
  });
});

test('an LMS that does not let the service worker write keeps the rows waiting', async () => {
  await using lms = await openLms({ always: 403 });
  const { rows, trouble } = await lms.writes.write(place, learners(3), put, job);
  expect({ rows, why: trouble?.why }).toEqual({ rows: [], why: 'credentials' });
});
