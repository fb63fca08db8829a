import { describe, expect, test } from 'vitest';
import { createProgramEnrollmentWrites } from '../../../src/datasources/program/write-program-enrollments.js';
import { createRegistrarEnrollmentStore } from '../../../src/datasources/registrar/enrollment-store.js';
import { createRegistrarReads } from '../../../src/datasources/registrar/read-enrollments.js';
import { answerJson } from '../datasources/scripted-lms.js';
import {
  answerWords,
  connectRegistrar,
  job,
  program,
  run,
  type Script,
  startScriptedRegistrar,
} from './scripted-registrar.js';

async function openWrites(script: Script = {}) {
  const registrar = await startScriptedRegistrar(script);
  const client = connectRegistrar(registrar.url);
  return {
    registrar,
    writes: createProgramEnrollmentWrites(createRegistrarEnrollmentStore(client, createRegistrarReads(client))),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await registrar[Symbol.asyncDispose]();
    },
  };
}

const place = { program };
const learners = (count: number, status = 'enrolled') =>
  Array.from({ length: count }, (_, index) => ({ externalKey: `k${index}`, status }));
const outcomes = (rows: { row: { externalKey: string }; outcome: string }[]) =>
  Object.fromEntries(rows.map(({ row, outcome }) => [row.externalKey, outcome]));
const post = { method: 'POST' } as const;
const put = { method: 'PUT' } as const;

/** Answers writes as the test says. */
const writing = (
  answer: (rows: { student_key: string; status: string }[]) => Record<string, string> | number,
): Script => ({
  before: ({ method, body }, response) => {
    if (method === 'GET') return false;
    const said = answer(JSON.parse(body));
    if (typeof said === 'number') answerJson(response, said, { detail: 'x' });
    else answerWords(response, said);
    return true;
  },
});
const all = (word: string) => (rows: { student_key: string }[]) =>
  Object.fromEntries(rows.map(({ student_key }) => [student_key, word]));

describe('rows', () => {
  test('are added 25 in a call, without a curriculum, which the Registrar knows', async () => {
    await using site = await openWrites();
    const { rows } = await site.writes.write(place, learners(60), post, job);
    expect(rows.every(({ outcome }) => outcome === 'OK')).toBe(true);
    expect(site.registrar.calls()).toEqual(Array.from({ length: 3 }, () => 'POST …/enrollments'));
    expect(JSON.parse(site.registrar.seen[2]?.body ?? '')).toHaveLength(10);
    expect(JSON.parse(site.registrar.seen[2]?.body ?? '')[0]).toEqual({ student_key: 'k50', status: 'enrolled' });
  });

  test('are told apart by the words of the Registrar', async () => {
    await using site = await openWrites();
    site.registrar.learners.set('k0', 'pending');
    const added = await site.writes.write(place, learners(2), post, job);
    expect(outcomes(added.rows)).toEqual({ k0: 'CONFLICT', k1: 'OK' });
    const changed = await site.writes.write(place, learners(3, 'ended'), { method: 'PATCH' }, job);
    expect(outcomes(changed.rows)).toEqual({ k0: 'OK', k1: 'OK', k2: 'NOT_IN_PROGRAM' });
  });

  test('that are to be there either way are added, and then changed where they were there', async () => {
    await using site = await openWrites();
    site.registrar.learners.set('k0', 'pending').set('k3', 'ended');
    const { rows } = await site.writes.write(place, learners(5), put, job);
    expect(outcomes(rows)).toEqual({ k0: 'OK', k1: 'OK', k2: 'OK', k3: 'OK', k4: 'OK' });
    expect([...site.registrar.learners.values()]).toEqual(Array.from({ length: 5 }, () => 'enrolled'));
    expect(site.registrar.calls()).toEqual(['POST …/enrollments', 'PATCH …/enrollments']);
    expect(JSON.parse(site.registrar.seen[1]?.body ?? '')).toHaveLength(2);
  });

  test('of learners who are all there take one call for 25, once that is known', async () => {
    await using site = await openWrites();
    for (const { externalKey } of learners(60)) site.registrar.learners.set(externalKey, 'pending');
    const { rows } = await site.writes.write(
      place,
      [...learners(60), { externalKey: 'new', status: 'enrolled' }],
      put,
      job,
    );
    expect(rows.every(({ outcome }) => outcome === 'OK')).toBe(true);
    expect([...site.registrar.learners.values()]).toEqual(Array.from({ length: 61 }, () => 'enrolled'));
    expect(site.registrar.calls()).toEqual([
      'POST …/enrollments',
      'PATCH …/enrollments',
      'PATCH …/enrollments',
      'PATCH …/enrollments',
      'POST …/enrollments',
    ]);
  });

  test.each([
    ['is not there', [] as string[]],
    ['most others are there', learners(12).map(({ externalKey }) => externalKey)],
  ])('of a learner who is in the run by another program are a conflict, when it %s', async (_, present) => {
    await using site = await openWrites({
      before: ({ method, body }, response) => {
        if (method === 'GET' || !body.includes('elsewhere')) return false;
        const rows = JSON.parse(body) as { student_key: string; status: string }[];
        const word = (key: string, status: string) => {
          if (key === 'elsewhere') return method === 'POST' ? 'conflict' : 'not-found';
          return present.includes(key) === (method === 'PATCH') ? status : method === 'POST' ? 'conflict' : 'not-found';
        };
        answerWords(
          response,
          Object.fromEntries(rows.map((row) => [row.student_key, word(row.student_key, row.status)])),
        );
        return true;
      },
    });
    const inRun = { program, courseKey: run.courseKey };
    for (const key of present) site.registrar.inRun.set(key, 'inactive');
    await site.writes.write(inRun, learners(12, 'active'), put, job);
    const given = [...learners(12, 'active'), { externalKey: 'elsewhere', status: 'active' }];
    const { rows } = await site.writes.write(inRun, given, put, job);
    const failed = rows.filter(({ outcome }) => outcome !== 'OK');
    expect(outcomes(failed)).toEqual({ elsewhere: 'CONFLICT' });
    expect(rows).toHaveLength(13);
  });

  test('of a course run go to its address, and one that the Registrar does not have is told', async () => {
    await using site = await openWrites();
    const row = { externalKey: '001', status: 'active', courseStaff: true };
    const { rows } = await site.writes.write({ program, courseKey: run.courseKey }, [row], put, job);
    expect(outcomes(rows)).toEqual({ '001': 'OK' });
    expect(site.registrar.calls()).toEqual([`POST …/courses/${run.courseKey}/enrollments`]);
    expect(JSON.parse(site.registrar.seen[0]?.body ?? '')).toEqual([
      { student_key: '001', status: 'active', course_staff: true },
    ]);
    const elsewhere = { program, courseKey: 'course-v1:HUMx+None+1' };
    const unknown = await site.writes.write(elsewhere, [row], put, job);
    expect(outcomes(unknown.rows)).toEqual({ '001': 'COURSE_NOT_FOUND' });
  });

  test('of staff say what to do where the Registrar does not take staff, and the others are written', async () => {
    await using site = await openWrites({
      before: ({ method, body }, response) => {
        if (method === 'GET' || !body.includes('course_staff')) return false;
        answerJson(response, 403, { detail: '"course_staff" not accepted since role assignment is not enabled' });
        return true;
      },
    });
    const rows = ['a', 'b'].map((externalKey) => ({ externalKey, status: 'active' }));
    const given = [...rows, { externalKey: 'c', status: 'active', courseStaff: true }];
    const written = await site.writes.write({ program, courseKey: run.courseKey }, given, post, job);
    expect(outcomes(written.rows)).toEqual({ a: 'OK', b: 'OK', c: 'UPSTREAM_REJECTED' });
    expect(written.rows.find(({ row }) => row.externalKey === 'c')?.reason).toContain('course_staff');
  });
});

describe('rows of which the Registrar says internal-error', () => {
  test('are the whole call for one of them: it is sent in halves until that one is alone, and looked for', async () => {
    await using site = await openWrites({
      before: ({ method, body }, response) => {
        if (method === 'GET') return false;
        const rows = JSON.parse(body) as { student_key: string }[];
        if (rows.every(({ student_key }) => student_key !== 'k7')) return false;
        answerWords(response, all('internal-error')(rows));
        return true;
      },
    });
    const { rows, trouble } = await site.writes.write(place, learners(25), put, job);
    expect(trouble).toBeUndefined();
    const bad = rows.filter(({ outcome }) => outcome !== 'OK');
    expect(bad).toMatchObject([{ row: { externalKey: 'k7' }, outcome: 'UPSTREAM_REJECTED' }]);
    expect(bad[0]?.reason).toContain('does not have the learner there');
    expect(site.registrar.learners.size).toBe(24);
    expect(site.registrar.calls().filter((call) => !call.startsWith('GET')).length).toBeLessThanOrEqual(11);
  });

  test('are each and every one the trouble of the LMS behind it, which does not cost a call for each', async () => {
    await using site = await openWrites(writing(all('internal-error')));
    const { rows, trouble } = await site.writes.write(place, learners(25), put, job);
    expect(rows).toEqual([]);
    expect(trouble).toMatchObject({ upstream: 'registrar', why: 'server-error' });
    expect(site.registrar.seen.length).toBeLessThan(12);
  });

  test('are looked up when the others of the call are told, and so when all is said to be well', async () => {
    const stored: Script = writing((rows) => ({ ...all('enrolled')(rows), k1: 'internal-error' }));
    await using site = await openWrites(stored);
    site.registrar.learners.set('k1', 'enrolled');
    const { rows } = await site.writes.write(place, learners(3), put, job);
    expect(outcomes(rows)).toEqual({ k0: 'OK', k1: 'OK', k2: 'OK' });
    expect(site.registrar.calls()).toContain('GET …/enrollments?fmt=json');
    await using blind = await openWrites({
      before: ({ method }, response) => {
        if (method === 'GET') return false;
        answerJson(response, 200, { k0: 'internal-error' });
        return true;
      },
    });
    expect(outcomes((await blind.writes.write(place, learners(1), put, job)).rows)).toEqual({
      k0: 'UPSTREAM_REJECTED',
    });
  });

  test('are known by the spelling that the LMS has stored', async () => {
    await using site = await openWrites(writing(() => ({ ABC: 'internal-error', abc: 'enrolled' })));
    const { rows } = await site.writes.write(place, [{ externalKey: 'ABC', status: 'enrolled' }], post, job);
    expect(outcomes(rows)).toEqual({ ABC: 'OK' });
    expect(site.registrar.seen).toHaveLength(1);
  });
});

describe('a Registrar', () => {
  test('that writes a file of the program meanwhile keeps the rows waiting', async () => {
    await using site = await openWrites(writing(() => 409));
    const { rows, trouble } = await site.writes.write(place, learners(2), put, job);
    expect(rows).toEqual([]);
    expect(trouble).toMatchObject({
      why: 'throttled',
      status: 409,
      message: expect.stringContaining('file'),
    });
  });

  test('that takes fewer rows in a call gets fewer', async () => {
    const sizes: number[] = [];
    await using site = await openWrites({
      before: ({ method, body }, response) => {
        if (method === 'GET') return false;
        const rows = JSON.parse(body) as unknown[];
        sizes.push(rows.length);
        if (rows.length <= 4) return false;
        answerJson(response, 413, { detail: 'Enrollment limit 4' });
        return true;
      },
    });
    const { rows } = await site.writes.write(place, learners(8), post, job);
    expect(rows.every(({ outcome }) => outcome === 'OK')).toBe(true);
    expect(sizes).toEqual([8, 4, 4]);
  });

  test.each([429, 500, 503])('that answers %i keeps the rows waiting', async (status) => {
    await using site = await openWrites(writing(() => status));
    const { rows, trouble } = await site.writes.write(place, learners(2), put, job);
    expect(rows).toEqual([]);
    expect(trouble).toMatchObject({ upstream: 'registrar', why: status === 429 ? 'throttled' : 'server-error' });
  });

  test('whose answer to an addition is lost is asked what it has, and nothing is added twice', async () => {
    await using site = await openWrites({
      before: ({ method }, response) => {
        if (method === 'GET') return false;
        site.registrar.learners.set('k0', 'enrolled');
        response.destroy();
        return true;
      },
    });
    const { rows } = await site.writes.write(place, learners(2), post, job);
    expect(outcomes(rows)).toEqual({ k0: 'OK', k1: 'UPSTREAM_REJECTED' });
    expect(site.registrar.calls().filter((call) => call.startsWith('POST'))).toHaveLength(1);
  });

  test('that has no such program says so once and for all', async () => {
    await using site = await openWrites();
    const elsewhere = site.writes.write({ program: { key: 'other', uuid: null } }, learners(2), put, job);
    await expect(elsewhere).rejects.toMatchObject({ code: 'UPSTREAM_REJECTED', status: 404 });
  });

  test('that is no longer there is told as such', async () => {
    const site = await openWrites();
    const { url } = site.registrar;
    await site[Symbol.asyncDispose]();
    await using client = connectRegistrar(url);
    const writes = createProgramEnrollmentWrites(createRegistrarEnrollmentStore(client, createRegistrarReads(client)));
    const { trouble } = await writes.write(place, learners(1), put, job);
    expect(trouble).toMatchObject({ upstream: 'registrar', why: 'unreachable' });
  });
});
