import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createEvents } from '../../../src/events.js';
import { createLogger } from '../../../src/logger.js';
import { createLinkageBench } from './linkage-bench.js';

const registration = /^POST \/user_api\/v1\/account\/registration\//;
const learners = 72;
const limit = 60;

test('at the LMS’s default limit registrations pause for all, with one alert; one at a time finds out when there is room again', async () => {
  await using bench = await createLinkageBench();
  await bench.lever('PUT', '/_sandbox/settings', { registrationLimit: limit });
  const time = { now: Date.now() };
  const registry = new Registry();
  const parts = {
    clock: () => new Date(time.now),
    events: createEvents({ logger: createLogger('silent'), registry }),
  };
  await using one = await bench.node({}, {}, parts);
  await using other = await bench.node({}, {}, parts);
  const people = await Promise.all(
    Array.from({ length: learners }, (_, index) => bench.account({ username: `learner-${index}` })),
  );
  const runAll = async () => {
    for (let from = 0; from < people.length; from += 8) {
      const few = people.slice(from, from + 8);
      await Promise.all(few.map(({ id }, index) => (index % 2 ? one : other).edxLinks.create(id)));
    }
  };
  const standing = async () => {
    const links = await one.edxLinks.findByAccountIds(people.map(({ id }) => id));
    return {
      linked: links.filter(({ state }) => state === 'LINKED').length,
      waiting: links.filter(
        ({ state, lastError, attempts }) => state === 'PENDING' && lastError?.code === 'throttled' && attempts === 0,
      ).length,
    };
  };
  const calls = async () => (await bench.requests(registration)).length;

  await runAll();
  expect(await standing()).toEqual({ linked: limit, waiting: learners - limit });
  // Those that were under way when the first was refused may have been refused, too; nobody else asked.
  const atFirst = await calls();
  expect(atFirst).toBeLessThanOrEqual(limit + 8);
  await runAll();
  expect(await calls()).toBe(atFirst);

  // Ten minutes later one of them finds out that there is still no room.
  time.now += 10 * 60_000;
  await runAll();
  expect(await calls()).toBe(atFirst + 1);
  time.now += 10 * 60_000;
  await runAll();
  expect(await calls()).toBe(atFirst + 1);
  expect(await registry.getSingleMetricAsString('portico_registration_pauses_total')).toContain('_total 1');

  // The operator raises the limit: it goes on by itself, slowly at first.
  await bench.lever('PUT', '/_sandbox/settings', { registrationLimit: 1000 });
  time.now += 10 * 60_000;
  await runAll();
  expect(await standing()).toMatchObject({ linked: limit + 1 });
  for (let round = 0; round < 4; round++) {
    time.now += 10 * 60_000;
    await runAll();
  }
  expect(await standing()).toEqual({ linked: learners, waiting: 0 });
  expect(bench.sandbox.state.users.size).toBeGreaterThanOrEqual(learners);
}, 120_000);

test('an operator who has raised the limit has those that wait tried at once', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  await bench.lever('PUT', '/_sandbox/settings', { registrationLimit: 1 });
  const [first, second] = [await bench.account({ username: 'first' }), await bench.account({ username: 'second' })];
  await node.edxLinks.create(first.id);
  await node.edxLinks.create(second.id);
  const due = async () => {
    const [job] = await bench.em
      .fork()
      .execute<{ isDue: boolean }[]>('select run_at <= now() as "isDue" from graphile_worker.jobs where key = ?', [
        `edx-link:${second.id}`,
      ]);
    return job?.isDue;
  };
  expect(await due()).toBe(false);
  await bench.lever('PUT', '/_sandbox/settings', { registrationLimit: 1000 });
  expect(await node.edxLinks.resumeRegistrations()).toBe(true);
  expect(await due()).toBe(true);
  expect(await node.edxLinks.resumeRegistrations()).toBe(false);
  await node.edxLinks.create(second.id);
  expect(await node.edxLinks.find(second.id)).toMatchObject({ state: 'LINKED' });
});
