import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { TEST_SANDBOX } from './credentials.js';
import { seed, WORKER, workerEnrolls, workerReads } from './learner-client.js';

const DEMO_X = 'course-v1:edX+DemoX+Demo_Course';
const HOMEWORK = 'block-v1:edX+DemoX+Demo_Course+type@sequential+block@seq0';

async function startRecorded(): Promise<RunningSandbox> {
  const sandbox = await startSandbox(TEST_SANDBOX);
  const file = new URL('../fixtures/transcripts/population.json', import.meta.url);
  await seed(sandbox, { population: JSON.parse(readFileSync(file, 'utf8')) });
  return sandbox;
}

interface Row {
  readonly percent: number;
  readonly letter_grade: string | null;
  readonly passed: boolean;
}

async function gradeOf(sandbox: RunningSandbox, username: string): Promise<Row | undefined> {
  const path = `/api/grades/v1/courses/${encodeURIComponent(DEMO_X)}/?username=${username}`;
  return (await workerReads<Row[]>(sandbox, path))[0];
}

function overrideHomework(sandbox: RunningSandbox, items: unknown): Promise<Response> {
  return fetch(`${sandbox.lmsUrl}/api/grades/v1/gradebook/${encodeURIComponent(DEMO_X)}/bulk-update`, {
    method: 'POST',
    headers: { ...WORKER, 'content-type': 'application/json' },
    body: JSON.stringify(items),
  });
}

describe('a mode change', () => {
  const toHonor = { mode: 'honor', course_details: { course_id: DEMO_X } };

  test('computes the grade anew: one without scores becomes 0, and its certificate does not pass any more', async () => {
    await using sandbox = await startRecorded();
    expect(await gradeOf(sandbox, 'alice')).toMatchObject({ percent: 0.92, passed: true });
    await workerEnrolls(sandbox, { user: 'alice', ...toHonor });
    expect(await gradeOf(sandbox, 'alice')).toMatchObject({ percent: 0, letter_grade: null, passed: false });
    expect(sandbox.state.certificate('alice', DEMO_X)?.status).toBe('notpassing');
    expect(await workerReads(sandbox, '/api/certificates/v0/certificates/alice/')).toEqual([]);
  });

  test('leaves the grade of a learner of the demo, whose scores come to it', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    await workerEnrolls(sandbox, { user: 'ada', ...toHonor });
    expect(await gradeOf(sandbox, 'ada')).toMatchObject({ percent: 0.92, letter_grade: 'A', passed: true });
    expect(sandbox.state.certificate('ada', DEMO_X)?.status).toBe('downloadable');
  });
});

describe('the gradebook', () => {
  test('takes an override, grades anew and tells what failed', async () => {
    await using sandbox = await startRecorded();
    const user_id = sandbox.state.user('learner001')?.id;
    const grade = {
      earned_all_override: 2,
      possible_all_override: 2,
      earned_graded_override: 2,
      possible_graded_override: 2,
    };
    const good = await overrideHomework(sandbox, [{ user_id, usage_id: HOMEWORK, grade }]);
    expect([good.status, await good.json()]).toEqual([
      202,
      [{ user_id, usage_id: HOMEWORK, success: true, reason: null }],
    ]);
    expect(await gradeOf(sandbox, 'learner001')).toMatchObject({ percent: 0.3 });
    const bad = await overrideHomework(sandbox, [{ user_id: 99_999, usage_id: HOMEWORK, grade }]);
    expect([bad.status, await bad.json()]).toMatchObject([422, [{ success: false }]]);
  });

  test('counts all learners and those that pass its filters', async () => {
    await using sandbox = await startRecorded();
    const path = `/api/grades/v1/gradebook/${encodeURIComponent(DEMO_X)}/?course_grade_min=90&page_size=5`;
    const book = await workerReads<{ total_users_count: number; filtered_users_count: number; results: Row[] }>(
      sandbox,
      path,
    );
    expect(book.total_users_count).toBe(227);
    expect(book.filtered_users_count).toBeLessThan(227);
    expect(book.results.every(({ percent }) => percent >= 0.9)).toBe(true);
  });
});

test('the sections of a grade with scores come to the grade', async () => {
  await using sandbox = await startSandbox(TEST_SANDBOX);
  const { results } = await workerReads<{ results: { percent: number; section_breakdown: { percent: number }[] }[] }>(
    sandbox,
    `/api/grades/v1/gradebook/${encodeURIComponent(DEMO_X)}/`,
  );
  expect(results).toMatchObject([
    { percent: 0.92, section_breakdown: [{ percent: 0.92 }, { percent: 0.92 }, { percent: 0.92 }] },
  ]);
});

test('a grade that was changed at the lever is what every endpoint says', async () => {
  await using sandbox = await startSandbox(TEST_SANDBOX);
  const body = JSON.stringify({ username: 'ada', courseKey: DEMO_X, percent: 0.57, letterGrade: 'Pass' });
  expect((await fetch(`${sandbox.lmsUrl}/_sandbox/grades`, { method: 'PUT', body })).status).toBe(200);
  expect(await gradeOf(sandbox, 'ada')).toMatchObject({ percent: 0.57, letter_grade: 'Pass', passed: true });
});
