import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import { OperationEntity } from '../../src/entities/operation.entity.js';
import { systemActor } from '../../src/services/actor.js';
import { eventually } from '../support/eventually.js';
import { type GraphSite, startGraphSite } from '../support/graph-site.js';
import { pullLever, type SandboxRequest } from '../support/sandbox-levers.js';

/** Repairs of many learners by the real operation, at the real LMS; no worker takes part unless a test says so. */

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite({ env: { EDX_REPAIR_PAGE_SIZE: '4' } });
});
afterAll(() => site[Symbol.asyncDispose]());
beforeEach(() => site.lms.forgetRequests());

const all = { size: 100 };
const operations = () => site.gateway.context.services.operations;

/** People whose LMS account never came into being, although it is long wanted. */
async function faulty(names: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const username of names) ids.push((await site.aPerson({ username, isLinked: false })).id);
  const em = site.gateway.context.orm.em.fork();
  await em.execute(`update account set created_at = now() - interval '1 hour' where id = any(?::uuid[])`, [
    `{${ids.join(',')}}`,
  ]);
  return ids;
}

async function registrations(): Promise<SandboxRequest[]> {
  const requests = (await pullLever(site.gateway.sandbox.lmsUrl, 'GET', 'requests')) as SandboxRequest[];
  return requests.filter(({ method, path }) => method === 'POST' && path.includes('/registration'));
}

const linked = (accountIds: string[]) =>
  site.gateway.context.orm.em.fork().count(EdxLinkEntity, { accountId: { $in: accountIds }, state: 'LINKED' });

test('80: a repair of all stops at its limit; the next one goes on with the rest', async () => {
  const ids = await faulty(['lim1', 'lim2', 'lim3', 'lim4', 'lim5', 'lim6']);
  const first = await operations().begin('REPAIR_EDX_LINKS', { limit: 5 }, systemActor);
  expect(await operations().follow(first.id)).toMatchObject({ state: 'SUCCEEDED', total: 5, done: 5, failed: 0 });
  expect(await linked(ids)).toBe(5);
  const second = await operations().begin('REPAIR_EDX_LINKS', { limit: 5 }, systemActor);
  expect(await operations().follow(second.id)).toMatchObject({ state: 'SUCCEEDED', total: 1, done: 1 });
  expect(await linked(ids)).toBe(6);
  expect(await registrations()).toHaveLength(6);
});

test('80: as many learners are repaired at a time as the operation says, and no more', async () => {
  const ids = await faulty(['par1', 'par2', 'par3', 'par4', 'par5', 'par6']);
  await site.lms.faults([{ match: '*/registration/', method: 'POST', mode: 'slow', ms: 600 }]);
  const { id } = await operations().begin('REPAIR_EDX_LINKS', { parallel: 3 }, systemActor);
  let isOver = false;
  const ended = operations()
    .follow(id)
    .finally(() => {
      isOver = true;
    });
  const seen: number[] = [];
  await eventually('it has ended', async () => {
    const em = site.gateway.context.orm.em.fork();
    seen.push(await em.count(EdxLinkEntity, { accountId: { $in: ids }, state: 'CREATING' }));
    return isOver;
  });
  await site.lms.heal();
  expect(await ended).toMatchObject({ state: 'SUCCEEDED', done: 6, failed: 0 });
  expect(Math.max(...seen)).toBe(3);
});

test('80: two repairs never overlap, and nobody is repaired twice', async () => {
  const ids = await faulty(['two1', 'two2', 'two3', 'two4']);
  const first = await operations().begin('REPAIR_EDX_LINKS', { parallel: 1 }, systemActor);
  const second = await operations().begin('REPAIR_EDX_LINKS', { parallel: 2 }, systemActor);
  expect(second.id).not.toBe(first.id);
  // An equal one is joined.
  expect((await operations().begin('REPAIR_EDX_LINKS', { parallel: 2 }, systemActor)).id).toBe(second.id);
  await Promise.all([second, first, second].map(({ id }) => operations().follow(id)));
  const em = site.gateway.context.orm.em.fork();
  const [one, other] = [
    await em.findOneOrFail(OperationEntity, { id: first.id }),
    await em.findOneOrFail(OperationEntity, { id: second.id }),
  ];
  expect(one).toMatchObject({ state: 'SUCCEEDED', done: 4 });
  expect(other).toMatchObject({ state: 'SUCCEEDED', done: 0 });
  expect(other.begunAt?.getTime()).toBeGreaterThanOrEqual(one.finishedAt?.getTime() ?? Number.POSITIVE_INFINITY);
  expect(await linked(ids)).toBe(4);
  expect(await registrations()).toHaveLength(4);
});

test('80: in an outage a repair waits as a whole: no learner is counted as failed, and it goes on when the LMS is back', async () => {
  const ids = await faulty(['out1', 'out2', 'out3', 'out4', 'out5']);
  await site.lms.faults([{ match: '*', mode: 'down' }]);
  const { id } = await operations().begin('REPAIR_EDX_LINKS', {}, systemActor);
  await operations().run(id);
  const read = async () => (await operations().findByIds([id]))[0];
  expect(await read()).toMatchObject({ state: 'RUNNING', total: 5, done: 0, failed: 0, waits: 1 });
  expect((await read())?.failure).toMatchObject({ upstream: 'lms', retryable: true });
  expect((await read())?.nextAttemptAt).toBeInstanceOf(Date);
  expect((await operations().rows(id, {}, all)).rows.filter(({ outcome }) => outcome != null)).toEqual([]);

  await site.lms.heal();
  await eventually('it has ended', async () => {
    await operations().run(id);
    return (await read())?.finishedAt != null;
  });
  expect(await read()).toMatchObject({ state: 'SUCCEEDED', total: 5, done: 5, failed: 0, waits: 0 });
  expect(await linked(ids)).toBe(5);
});

test('a comparison of all links that was cut short goes on where it was', async () => {
  await site.people(Array.from({ length: 120 }, (_, index) => `drift${index}`));
  const linkedInAll = await site.gateway.context.orm.em.fork().count(EdxLinkEntity, { state: 'LINKED' });
  await site.lms.faults([{ match: '/api/user/v1/accounts*', method: 'GET', mode: 'slow', ms: 300 }]);
  const { id } = await operations().begin('CHECK_EDX_LINKS', {}, systemActor);
  const stop = new AbortController();
  const cut = operations().run(id, stop.signal);
  const read = async () => (await operations().findByIds([id]))[0];
  await eventually('a page is done', async () => (await read())?.checkpoint != null, { pauseMs: 10 });
  stop.abort();
  await cut;
  const before = await read();
  expect(before).toMatchObject({ state: 'RUNNING', finishedAt: null });
  await site.lms.heal();
  await site.lms.forgetRequests();

  await operations().run(id);
  const ended = await read();
  expect(ended).toMatchObject({ state: 'SUCCEEDED', done: linkedInAll, summary: { compared: linkedInAll } });
  const requests = (await pullLever(site.gateway.sandbox.lmsUrl, 'GET', 'requests')) as SandboxRequest[];
  // How many go into a call is up to the planner; the call that was cut may be told of late, as one without an answer.
  const asked = requests
    .filter(({ path, status }) => path === '/api/user/v1/accounts' && status !== 0)
    .flatMap(({ query }) => new URLSearchParams(query).get('username')?.split(',') ?? []);
  expect(new Set(asked).size).toBe(asked.length);
  expect(asked).toHaveLength(linkedInAll - Number(before?.done));
  const keys: (string | null | undefined)[] = [];
  for (let after: string | undefined; ; ) {
    const page = await operations().rows(id, {}, { size: 100, ...(after !== undefined && { after }) });
    keys.push(...page.rows.map(({ key }) => key));
    if (!page.hasNextPage) break;
    after = page.rows.at(-1)?.id;
  }
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.filter((key) => key?.startsWith('drift'))).toHaveLength(120);
});
