import avro from 'avsc';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { recordedSchemas } from '../support/recorded-events.js';
import { TEST_SANDBOX } from './credentials.js';

const WORKER = { authorization: 'Bearer static-worker-token', 'content-type': 'application/json' };
const openRun = 'course-v1:DemoU+PHYS101+2026_T1';

let sandbox: RunningSandbox;
let redis: Redis;
beforeAll(async () => {
  sandbox = await startSandbox({ ...TEST_SANDBOX, eventBus: { topic: 'learning' } });
  redis = new Redis(sandbox.busUrl ?? '');
  await redis.xgroup('CREATE', 'learning', 'readers', '0', 'MKSTREAM');
});
afterAll(async () => {
  redis.disconnect();
  await sandbox.close();
});

interface Event {
  type: string;
  // As the LMS's own schema reads it.
  payload: Record<string, Record<string, unknown>>;
}

/** What was published since the last look, read with the LMS's own schemas by a client of Redis. */
async function published(): Promise<Event[]> {
  const reply = await redis.xreadgroupBuffer(
    'GROUP',
    'readers',
    'me',
    'COUNT',
    100,
    'BLOCK',
    50,
    'STREAMS',
    'learning',
    '>',
  );
  const [stream] = (reply ?? []) as [Buffer, [Buffer, Buffer[]][]][];
  return (stream?.[1] ?? []).map(([, flat]) => {
    const names = flat.filter((_, at) => at % 2 === 0).map(String);
    expect(names).toEqual(['type', 'id', 'source', 'time', 'minorversion', 'sourcehost', 'sourcelib', 'event_data']);
    const type = String(flat[1]);
    const schema = avro.Type.forSchema(recordedSchemas[type] as avro.Schema, { registry: {} });
    return {
      type: type.replace('org.openedx.learning.', ''),
      payload: schema.fromBuffer(flat.at(-1) ?? Buffer.alloc(0)),
    };
  });
}
const post = async (body: unknown) => {
  const answer = await fetch(`${sandbox.lmsUrl}/api/enrollment/v1/enrollment`, {
    method: 'POST',
    headers: WORKER,
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
};
const enroll = (mode: string, isActive = true) =>
  post({ user: 'ada', mode, is_active: isActive, course_details: { course_id: openRun } });
const said = ({ type, payload }: Event) => [type, payload.enrollment?.mode, payload.enrollment?.is_active];

test('an enrollment in another mode than the default is three events, and ends with two', async () => {
  await enroll('verified');
  expect((await published()).map(said)).toEqual([
    ['course.enrollment.changed.v1', 'audit', true],
    ['course.enrollment.created.v1', 'audit', true],
    ['course.enrollment.changed.v1', 'verified', true],
  ]);
  await post({ user: 'ada', is_active: false, course_details: { course_id: openRun } });
  expect((await published()).map(said)).toEqual([
    ['course.enrollment.changed.v1', 'verified', false],
    ['course.unenrollment.completed.v1', 'verified', false],
  ]);
});

test('grades are told of learners who have passed, by number, and of nobody else', async () => {
  const grade = (percent: number, letterGrade: string | null) =>
    fetch(`${sandbox.lmsUrl}/_sandbox/grades`, {
      method: 'PUT',
      body: JSON.stringify({ username: 'ada', courseKey: openRun, percent, letterGrade }),
    });
  await grade(0.1, null);
  expect(await published()).toEqual([]);
  await grade(0.9, 'A');
  const [event] = await published();
  expect(event).toMatchObject({
    type: 'course.persistent_grade_summary.changed.v1',
    payload: { grade: { user_id: sandbox.state.user('ada')?.id, percent_grade: 0.9, letter_grade: 'A' } },
  });
  await grade(0.2, null);
  expect(await published()).toMatchObject([{ payload: { grade: { percent_grade: 0.2, letter_grade: '' } } }]);
});

test('what a reader was given and did not finish can be taken over, and is gone when it is acknowledged', async () => {
  await enroll('audit');
  const given = await published();
  expect(given.length).toBeGreaterThan(0);
  const [count] = (await redis.xpending('learning', 'readers', '-', '+', 100)) as unknown[][];
  expect(count).toBeDefined();
  const [, entries] = (await redis.xautoclaim('learning', 'readers', 'other', 0, '0', 'COUNT', 100)) as [
    string,
    [string][],
  ];
  const ids = entries.map(([id]) => id);
  expect(await redis.xack('learning', 'readers', ...ids)).toBe(ids.length);
  expect(await redis.xpending('learning', 'readers', '-', '+', 100)).toEqual([]);
});

test('an unknown group and an unknown command are refused as Redis does', async () => {
  await expect(
    redis.xreadgroup('GROUP', 'strangers', 'me', 'COUNT', 1, 'BLOCK', 1, 'STREAMS', 'learning', '>'),
  ).rejects.toThrow(/^NOGROUP/);
  await expect(redis.set('a', 'b')).rejects.toThrow(/^ERR unknown command/);
});
