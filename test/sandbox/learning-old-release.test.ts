import { expect, test } from 'vitest';
import { startSandbox } from '../../sandbox/start.js';
import { TEST_SANDBOX } from './credentials.js';
import { changeSettings, WORKER, workerEnrolls, workerJwt, workerReads } from './learner-client.js';

interface Results {
  readonly results: readonly unknown[];
}

test('an old release ignores the filters it does not know and answers everything', async () => {
  await using sandbox = await startSandbox(TEST_SANDBOX);
  const count = async (path: string): Promise<number> => (await workerReads<Results>(sandbox, path)).results.length;
  const keys = `course_keys=${encodeURIComponent('course-v1:edX+DemoX+Demo_Course')}&page_size=100&username=portico_worker`;
  const [byKey, byPart, byEmail] = [
    `/api/courses/v1/courses/?${keys}`,
    '/api/enrollment/v1/enrollments/?course_ids=DATA1',
    '/api/enrollment/v1/enrollments/?email=booked@example.org',
  ];
  expect([await count(byKey), await count(byPart), await count(byEmail)]).toEqual([1, 1, 1]);
  await changeSettings(sandbox, { oldRelease: true });
  const rows = sandbox.state.enrollments.size;
  expect([await count(byKey), await count(byPart), await count(byEmail)]).toEqual([20, rows, rows]);
  expect(await count('/api/enrollment/v1/enrollments/?username=booked')).toBe(1);
});

test('an old release does not have the newer routes, and does not force enrollments', async () => {
  await using sandbox = await startSandbox(TEST_SANDBOX);
  const forced = {
    user: 'sam',
    force_enrollment: true,
    course_details: { course_id: 'course-v1:OpenSchool+CLOSED+2020' },
  };
  await changeSettings(sandbox, { oldRelease: true });
  expect((await workerEnrolls(sandbox, forced)).status).toBe(400);
  const jwt = await workerJwt(sandbox);
  const statusOf = async (path: string): Promise<string> => {
    const answer = await fetch(`${sandbox.lmsUrl}${path}`, { headers: { authorization: `JWT ${jwt}` } });
    return `${answer.status} ${answer.headers.get('content-type')?.split(';')[0]}`;
  };
  const newer = [
    '/api/grades/v1/section_grades_breakdown/?username=ada',
    '/api/grades/v1/submission_history/course-v1:edX+DemoX+Demo_Course/',
    '/api/enrollment/v1/enrollment_allowed/?email=x@example.org',
  ];
  for (const path of newer) expect(await statusOf(path)).toBe('404 text/html');
  await changeSettings(sandbox, { oldRelease: false });
  for (const path of newer) expect(await statusOf(path)).toBe('200 application/json');
  expect((await workerEnrolls(sandbox, forced)).status).toBe(200);
  expect((await fetch(`${sandbox.lmsUrl}/api/enrollment/v2/roles/`, { headers: WORKER })).status).toBe(404);
});
