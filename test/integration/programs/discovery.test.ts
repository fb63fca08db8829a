import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { addProgram } from '../../../sandbox/catalog/add.js';
import type { Program } from '../../../src/entities/program.entity.js';
import { createLogger } from '../../../src/logger.js';
import { systemActor } from '../../../src/services/actor.js';
import { createDescribe } from '../../../src/services/program/describe.js';
import { eventually } from '../../support/eventually.js';
import { type Gateway, startGateway } from '../../support/start-gateway.js';

const request = { purpose: 'request' } as const;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ sandbox: 'demo' });
  const { services } = gateway.context;
  await services.programs.sync({ purpose: 'schedule' });
});
afterEach(() => faults([]));
afterAll(() => gateway[Symbol.asyncDispose]());

const lever = async (path: string, method: string, body?: unknown): Promise<Response> => {
  const answer = await fetch(`${gateway.sandbox.discoveryUrl}/_sandbox/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
  return answer;
};
const faults = (list: object[]) => lever('faults', 'PUT', list);

/** Paths that Discovery was asked for, with their queries. */
async function callsDuring(act: () => Promise<unknown>): Promise<string[]> {
  await lever('requests', 'DELETE');
  await act();
  const calls = (await (await lever('requests', 'GET')).json()) as { path: string; query?: string }[];
  return calls.map(({ path, query }) => (query ? `${path}?${query.replace(/^\?/, '')}` : path));
}

async function described(
  key: string,
  options: { isForced?: boolean } = {},
): Promise<{ program: Program; isStale: boolean }> {
  const { programs } = gateway.context.services;
  const row = await programs.findByKey(key);
  const [answer] = row ? await programs.describe([row], { ...request, ...options }) : [];
  if (!answer) throw new Error(`there is no program ${key}`);
  return answer;
}

const masters = 'masters-in-computer-science';

test('active programs of one organization are taken over; for one of several a person has to say whose it is', async () => {
  const { programs } = gateway.context.services;
  expect((await programs.list()).map(({ key }) => key).sort()).toEqual([masters, 'micromasters-in-data-science']);
  const report = await programs.sync({ purpose: 'schedule' });
  expect(report).toMatchObject({ created: [], updated: 2, misfits: [] });
  expect(report.undecided.map(({ key }) => key)).toEqual(['professional-certificate-in-digital-economy']);
});

test('a program is known with its curricula, runs and the partner’s keys of them', async () => {
  const { program, isStale } = await described(masters);
  expect(isStale).toBe(false);
  expect(program).toMatchObject({ typeSlug: 'masters', status: 'active' });
  const active = program.details?.curricula.find(({ isActive }) => isActive);
  expect(active?.uuid).toBe(program.activeCurriculumUuid);
  expect(active?.runs.map(({ externalKey }) => externalKey)).toContain('CS101-26');
});

test('many programs are described by one call, and while they are fresh by none', async () => {
  const { programs } = gateway.context.services;
  const rows = await programs.list();
  const cold = await callsDuring(() => programs.describe(rows, { ...request, isForced: true }));
  expect(cold).toHaveLength(1);
  expect(cold[0]).toMatch(/^\/api\/v1\/programs\/\?uuids=/);
  expect(await callsDuring(() => programs.describe(rows, request))).toEqual([]);
});

test('those who ask at the same time wait for the same call', async () => {
  const { programs } = gateway.context.services;
  const rows = await programs.list();
  const calls = await callsDuring(() =>
    Promise.all([1, 2, 3].map(() => programs.describe(rows, { ...request, isForced: true }))),
  );
  expect(calls).toHaveLength(1);
});

test.each(['down', 'reset', 'wrong-json', 'wrong-types', 'throttle', 'forbidden'])(
  'while Discovery is %s what it said before stays, and is told to be stale once it is old',
  async (mode) => {
    const { orm } = gateway.context;
    const { program } = await described(masters);
    await faults([{ match: '/api/v1/programs/*', mode, times: 100 }]);
    await orm.em.fork().execute(`update program set synced_at = now() - interval '2 hours' where key = ?`, [masters]);
    const stale = await described(masters, { isForced: true });
    expect(stale.isStale).toBe(true);
    expect(stale.program).toMatchObject({ title: program.title, typeSlug: 'masters', details: program.details });
  },
);

test('a Discovery that is back is asked again', async () => {
  await eventually('it describes the program', async () => !(await described(masters, { isForced: true })).isStale);
});

test('a program that Discovery does not know is known by its key alone', async () => {
  const { programs } = gateway.context.services;
  const uuid = '99999999-0000-4000-8000-000000000001';
  await programs.link({ key: 'gone', uuid, organizationKey: 'DemoU' }, systemActor);
  const { program, isStale } = await described('gone');
  expect(isStale).toBe(true);
  expect(program).toMatchObject({ key: 'gone', title: null, typeSlug: null, details: null, syncedAt: null });
});

/** Describes as another process would: it shares the rows, and nothing that this one remembers. */
function elsewhere() {
  const { orm, services } = gateway.context;
  return createDescribe({
    ...{ em: orm.em, source: services.programs.source, maxAgeMs: 3_600_000, clock: () => new Date() },
    logger: createLogger('silent'),
  });
}

test('what is forgotten is asked for once more, by every process, even by one that asked in vain a moment ago', async () => {
  const { programs } = gateway.context.services;
  const uuid = '99999999-0000-4000-8000-000000000002';
  await programs.link({ key: 'to-come', uuid, organizationKey: 'DemoU' }, systemActor);
  const find = async () => [await programs.findByKey('to-come')].filter((row) => row !== null);
  const other = elsewhere();
  const inBoth = async () => [
    ...(await programs.describe(await find(), request)),
    ...(await other(await find(), request)),
  ];
  expect(await callsDuring(inBoth)).toHaveLength(2);

  addProgram(gateway.sandbox.state, {
    uuid,
    title: 'To come',
    type: 'masters',
    organizations: ['DemoU'],
    curricula: [],
  });
  expect(await callsDuring(inBoth)).toEqual([]);
  await programs.forget('TO-COME');
  expect(await callsDuring(async () => other(await find(), request))).toHaveLength(1);
  for (const answer of await inBoth()) expect(answer).toMatchObject({ isStale: false, program: { title: 'To come' } });
  expect(await callsDuring(inBoth)).toEqual([]);
  await programs.forget();
  expect(await callsDuring(inBoth)).toHaveLength(1);
});

test('what is forgotten stays as it was while Discovery cannot say it anew', async () => {
  const { programs } = gateway.context.services;
  const { program } = await described(masters, { isForced: true });
  await faults([{ match: '/api/v1/programs/*', mode: 'down', times: 100 }]);
  await programs.forget(masters);
  const { title, details } = program;
  expect(await described(masters)).toMatchObject({ isStale: true, program: { title, details } });
});

test('a program that is not there cannot be forgotten', async () => {
  await expect(gateway.context.services.programs.forget('nope')).rejects.toThrow('There is no program nope.');
});
