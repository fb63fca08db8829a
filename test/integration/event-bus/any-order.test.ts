import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LmsEvent } from '../../../src/services/lms-event/lms-event.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';

const learners = ['ada', 'learner-a', 'learner-b'];
const runs = ['course-v1:X+A+1', 'course-v1:X+B+1'];

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
  for (const username of learners) await site.aPerson({ username });
  await site.gateway.context.orm.em
    .fork()
    .execute(`update edx_link set edx_user_id = 100 + length(edx_username) + ascii(right(edx_username, 1))`);
});
afterAll(() => site[Symbol.asyncDispose]());

const idOf = (username: string) => 100 + username.length + username.charCodeAt(username.length - 1);
const user = fc
  .record({ name: fc.constantFrom(...learners, 'stranger'), isNamed: fc.boolean() })
  .map(({ name, isNamed }) => ({ lmsUserId: idOf(name), ...(isNamed && { lmsUsername: name.toUpperCase() }) }));
const event: fc.Arbitrary<LmsEvent> = fc.oneof(
  fc.record({
    about: fc.constantFrom('enrollment' as const, 'grade' as const, 'certificate' as const),
    user,
    courseKey: fc.constantFrom(...runs),
  }),
  fc.record({ about: fc.constant('user' as const), user }),
  fc.record({ about: fc.constant('course-run' as const), courseKey: fc.constantFrom(...runs) }),
);
/** Events as they happened, and the same ones as they come: some more than once, in any order, in batches of one size. */
const delivery = fc
  .tuple(
    fc.array(event, { minLength: 1, maxLength: 12 }),
    fc.array(fc.nat(), { maxLength: 8 }),
    fc.integer({ min: 1, max: 20 }),
  )
  .chain(([events, repeated, size]) => {
    const all = [...events, ...repeated.flatMap((at) => events.slice(at % events.length, (at % events.length) + 1))];
    return fc.shuffledSubarray(all, { minLength: all.length }).map((arriving) => ({
      events,
      batches: Array.from({ length: Math.ceil(arriving.length / size) }, (_, at) =>
        arriving.slice(at * size, (at + 1) * size),
      ),
    }));
  });

/** What is to be looked at: learners with what of them, and jobs. */
async function takenDown(batches: readonly (readonly LmsEvent[])[]) {
  const { orm, services } = site.gateway.context;
  const em = orm.em.fork();
  await em.execute('delete from learning_hint');
  await em.execute(`select graphile_worker.remove_job(key) from graphile_worker.jobs where key is not null`);
  for (const batch of batches) await services.lmsEvents.take(batch);
  const hints = await em.execute(
    `select link.edx_username, course_key, enrollment, grade, certificate from learning_hint
     join edx_link link using (account_id) order by 1, 2`,
  );
  const jobs = await em.execute('select key from graphile_worker.jobs where key is not null order by key');
  return { hints, jobs };
}

test('in any order, more than once and in batches of any size, events have the same looked at', async () => {
  await fc.assert(
    fc.asyncProperty(delivery, async ({ events, batches }) => {
      expect(await takenDown(batches)).toEqual(await takenDown([events]));
    }),
    { numRuns: 60 },
  );
});

test('what the LMS tells of is not read before it can have committed it, and not put off by what comes behind', async () => {
  const { orm, services } = site.gateway.context;
  const em = orm.em.fork();
  const dueAt = async () => {
    const [row] = await em.execute<{ due: Date }[]>('select max(due_at) as due from learning_hint');
    return new Date(row?.due ?? 0).getTime();
  };
  const about = { about: 'grade', user: { lmsUserId: idOf('ada') }, courseKey: 'course-v1:X+A+1' } as const;
  await em.execute('delete from learning_hint');
  const before = Date.now();
  await services.lmsEvents.take([about]);
  const first = await dueAt();
  expect(first - before).toBeGreaterThanOrEqual(1_000);
  await services.lmsEvents.take([about]);
  expect(await dueAt()).toBe(first);
});
