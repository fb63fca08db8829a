import { expect, test } from 'vitest';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { jsonOf, TEST_SANDBOX } from './credentials.js';

function seed(sandbox: RunningSandbox, body: unknown): Promise<Response> {
  return fetch(`${sandbox.lmsUrl}/_sandbox/seed`, { method: 'POST', body: JSON.stringify(body) });
}

test('the seed lever adds the same population for the same numbers, spread evenly', async () => {
  const grades: unknown[] = [];
  for (let run = 0; run < 2; run++) {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    expect((await seed(sandbox, { users: 40, courses: 10, enrollmentsPerUser: 5, seed: 7 })).status).toBe(200);
    expect(sandbox.state.user('learner00040')?.email).toBe('learner00040@example.org');
    for (let course = 1; course <= 10; course++) {
      expect(
        sandbox.state.enrollmentsByCourse.of(`course-v1:seed+c${String(course).padStart(5, '0')}+2026`),
      ).toHaveLength(20);
    }
    expect(sandbox.state.user('ada')).toBeDefined();
    grades.push([...sandbox.state.grades.values()]);
  }
  expect(grades[0]).toEqual(grades[1]);
});

test('a seed that asks for the impossible is refused with a sentence', async () => {
  await using sandbox = await startSandbox(TEST_SANDBOX);
  const answer = await seed(sandbox, { users: 1, courses: 2, enrollmentsPerUser: 3, seed: 1 });
  expect(answer.status).toBe(400);
  expect(await jsonOf<{ error: string }>(answer)).toEqual({ error: '"enrollmentsPerUser" cannot exceed "courses".' });
});

test('a recorded population replaces the people and keeps the connection to Portico', async () => {
  await using sandbox = await startSandbox(TEST_SANDBOX);
  const population = {
    users: [
      {
        username: 'portico_worker',
        email: 'worker@example.com',
        name: 'Worker',
        is_active: true,
        is_staff: true,
        is_superuser: false,
        has_profile: false,
      },
      {
        username: 'alice',
        email: 'alice@example.com',
        name: 'Alice Archer',
        is_active: true,
        is_staff: false,
        is_superuser: false,
        year_of_birth: 1990,
        country: 'US',
        has_profile: true,
      },
    ],
    courses: [{ course_key: 'course-v1:edX+One+R1', display_name: 'One', start: '2024-01-01T00:00:00Z', modes: [] }],
    enrollments: [
      {
        username: 'alice',
        course_key: 'course-v1:edX+One+R1',
        mode: 'audit',
        is_active: true,
        created: '2024-03-01T00:00:00Z',
      },
    ],
    links: [{ username: 'alice', provider: 'oa2-ol-oauth2', remote_id: 'gw-alice' }],
  };
  expect(await jsonOf(seed(sandbox, { population }))).toEqual({ users: 2, courses: 1, enrollments: 1, grades: 0 });
  const headers = { authorization: 'Bearer static-worker-token' };
  const accounts = await jsonOf<{ username: string; id: number }[]>(
    fetch(`${sandbox.lmsUrl}/api/user/v1/accounts?username=alice,ada`, { headers }),
  );
  expect(accounts.map(({ username, id }) => [username, id])).toEqual([['alice', 2]]);
  const mapping = await jsonOf<{ results: unknown }>(
    fetch(`${sandbox.lmsUrl}/api/third_party_auth/v0/providers/oa2-ol-oauth2/users`, { headers }),
  );
  expect(mapping.results).toEqual([{ username: 'alice', remote_id: 'gw-alice' }]);
});
