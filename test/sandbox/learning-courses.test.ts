import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../sandbox/start.js';
import { TEST_SANDBOX } from './credentials.js';
import { WORKER, workerReads } from './learner-client.js';

const COURSE = 'course-v1:DemoU+ART150+2026_T1';

describe('course modes', () => {
  test('are added, changed and removed by staff, and expired ones stay in the list', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    const url = `${sandbox.lmsUrl}/api/course_modes/v1/courses/${encodeURIComponent(COURSE)}/`;
    const send = (path: string, method: string, type: string, body: unknown): Promise<Response> =>
      fetch(`${url}${path}`, { method, headers: { ...WORKER, 'content-type': type }, body: JSON.stringify(body) });
    const fields = { course_id: COURSE, mode_slug: 'verified', mode_display_name: 'Verified', currency: 'usd' };
    expect((await send('', 'POST', 'application/json', { ...fields, currency: undefined })).status).toBe(400);
    expect((await send('', 'POST', 'application/json', fields)).status).toBe(201);
    const expired = { expiration_datetime: '2020-01-01T00:00:00Z' };
    expect((await send('verified', 'PATCH', 'application/json', expired)).status).toBe(415);
    expect((await send('verified', 'PATCH', 'application/merge-patch+json', expired)).status).toBe(204);
    expect(await (await send('verified', 'PATCH', 'application/merge-patch+json', { mode_slug: 'x' })).json()).toEqual({
      mode_slug: ['This field cannot be modified.'],
    });
    const slugs = async (): Promise<string[]> =>
      (await workerReads<{ mode_slug: string }[]>(sandbox, new URL(url).pathname)).map(({ mode_slug }) => mode_slug);
    expect(await slugs()).toEqual(['audit', 'verified']);
    expect((await fetch(`${url}verified`, { method: 'DELETE', headers: WORKER })).status).toBe(204);
    expect(await slugs()).toEqual(['audit']);
  });
});

describe('cohorts', () => {
  test('take learners by name or address, and let a learner be in one at a time', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    const url = `${sandbox.lmsUrl}/api/cohorts/v1/courses/${encodeURIComponent(COURSE)}/cohorts/`;
    const post = async (path: string, body: unknown): Promise<unknown> =>
      (
        await fetch(`${url}${path}`, {
          method: 'POST',
          headers: { ...WORKER, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).json();
    const one = (await post('', { name: 'One', assignment_type: 'manual' })) as { id: number };
    const two = (await post('', { name: 'Two', assignment_type: 'random' })) as { id: number };
    expect(await post(`${one.id}/users/`, { users: ['ada', 'sam@example.org', 'nobody'] })).toMatchObject({
      added: [{ username: 'ada' }, { username: 'sam' }],
      unknown: ['nobody'],
    });
    expect(await post(`${two.id}/users/`, { users: ['ada'] })).toMatchObject({
      changed: [{ username: 'ada', previous_cohort: 'One' }],
    });
    const cohorts = await workerReads<{ name: string; user_count: number }[]>(sandbox, new URL(url).pathname);
    expect(cohorts.map(({ name, user_count: count }) => [name, count])).toEqual([
      ['One', 1],
      ['Two', 1],
    ]);
  });
});

test('completion that was submitted shows in the blocks of that learner', async () => {
  await using sandbox = await startSandbox(TEST_SANDBOX);
  const course = 'course-v1:edX+DemoX+Demo_Course';
  const problem = 'block-v1:edX+DemoX+Demo_Course+type@problem+block@prob1';
  const submit = (username: string): Promise<Response> =>
    fetch(`${sandbox.lmsUrl}/api/completion/v1/completion-batch`, {
      method: 'POST',
      headers: { ...WORKER, 'content-type': 'application/json' },
      body: JSON.stringify({ username, course_key: course, blocks: { [problem]: 1 } }),
    });
  expect((await submit('ada')).status).toBe(200);
  expect((await submit('sam')).status).toBe(400);
  const path = `/api/courses/v2/blocks/?course_id=${encodeURIComponent(course)}&username=ada&depth=all&requested_fields=completion&block_types_filter=problem&return_type=list`;
  const blocks = await workerReads<{ block_id: string; completion: number }[]>(sandbox, path);
  expect(blocks.map(({ block_id: id, completion }) => [id, completion])).toEqual([
    ['prob1', 1],
    ...['prob2', 'prob3', 'prob4', 'prob5', 'prob6'].map((id) => [id, 0]),
  ]);
});
