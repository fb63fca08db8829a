import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { readGlobalId, toGlobalId } from '../../../src/resolvers/global-id.js';
import { eventually } from '../../support/eventually.js';
import { askGraph, dataOf, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../../support/graph-site.js';
import { connect } from '../../support/graph-socket.js';

/** Operations as support follows, cancels and retries them; the tests run them in place of a worker. */

type Holder = GraphCaller & { token: string };

let site: GraphSite;
let sue: Holder;
let ada: Holder;
beforeAll(async () => {
  site = await startGraphSite();
  sue = await site.caller(await site.aPerson({ username: 'sue', roles: ['SUPPORT'] }), staffScope);
  ada = await site.caller(await site.aPerson({ username: 'ada' }), 'learning:read learning:write');
});
afterAll(() => site[Symbol.asyncDispose]());
afterEach(() => site.lms.heal());

const operations = () => site.gateway.context.services.operations;
const rowId = (id: string) => readGlobalId('Operation', id, 'id');
const shape = 'id state done failed total retryOf { id } rows { nodes { number key outcome } }';

interface Shown {
  id: string;
  state: string;
  done: number;
  failed: number;
  total: number | null;
  retryOf: { id: string } | null;
  rows: { nodes: { number: number; key: string; outcome: string }[] };
}
interface Payload {
  payload: { operation: Shown | null; userErrors: { code: string }[] };
}

async function mutate(caller: GraphCaller, mutation: string, input: object): Promise<Payload['payload']> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const document = `mutation Test($input: ${type}!) { payload: ${mutation}(input: $input) { operation { ${shape} } userErrors { code } } }`;
  return (await dataOf(askGraph<Payload>(caller, document, { input }))).payload;
}

/** Begins a repair of new people who lack their LMS user. */
async function beginRepair(names: readonly string[], options: { parallel?: number } = {}): Promise<string> {
  const accountIds: string[] = [];
  for (const username of names)
    accountIds.push(toGlobalId('Account', (await site.aPerson({ username, isLinked: false })).id));
  const { operation, userErrors } = await mutate(sue, 'repairEdxLinks', { accountIds, ...options });
  expect(userErrors).toEqual([]);
  expect(operation).toMatchObject({ state: 'QUEUED', done: 0 });
  return operation?.id ?? '';
}

const show = async (id: string) =>
  (await dataOf(askGraph<{ operation: Shown }>(sue, `{ operation(id: "${id}") { ${shape} } }`))).operation;

test('operationProgressed tells how far an operation is from the first moment to its end, and then ends', async () => {
  const id = await beginRepair(['mia', 'max', 'mara']);
  const subscription = 'subscription ($id: ID!) { operationProgressed(id: $id) { state done failed total } }';
  type Progress = { operationProgressed: { state: string; done: number; failed: number; total: number | null } };
  await using socket = connect({ url: site.url, connectionParams: { Authorization: `Bearer ${sue.token}` } });
  await using progress = socket.subscribe<Progress>(subscription, { id });
  expect((await progress.next()).data?.operationProgressed).toMatchObject({ state: 'QUEUED', done: 0 });
  const running = operations().run(rowId(id));
  const seen: Progress['operationProgressed'][] = [];
  while (seen.at(-1)?.state !== 'SUCCEEDED') {
    const { data, errors } = await progress.next();
    expect(errors).toBeUndefined();
    if (data) seen.push(data.operationProgressed);
  }
  await running;
  expect(seen.map(({ state }) => state)).toEqual([
    ...Array.from({ length: seen.length - 1 }, () => 'RUNNING'),
    'SUCCEEDED',
  ]);
  expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).toSorted((a, b) => a - b));
  expect(seen.at(-1)).toEqual({ state: 'SUCCEEDED', done: 3, failed: 0, total: 3 });

  await using learners = connect({ url: site.url, connectionParams: { Authorization: `Bearer ${ada.token}` } });
  await using watched = learners.subscribe<Progress>(subscription, { id });
  expect((await watched.next().catch((error: unknown) => ({ errors: error, data: null }))).data ?? null).toBeNull();
});

test('cancelOperation ends one that waits at once, and is harmless to repeat', async () => {
  const id = await beginRepair(['ned', 'nils']);
  for (const _time of ['once', 'again']) {
    const { operation, userErrors } = await mutate(sue, 'cancelOperation', { operationId: id });
    expect({ state: operation?.state, userErrors }).toMatchObject({ state: 'CANCELED' });
  }
  await operations().run(rowId(id));
  expect(await show(id)).toMatchObject({ state: 'CANCELED', done: 0, rows: { nodes: [] } });
  const { errors } = await askGraph(
    ada,
    `mutation { cancelOperation(input: { operationId: "${id}" }) { operation { id } userErrors { code } } }`,
  );
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
});

test('cancelOperation stops a running one between two rows: what is done stays, what is left says so', async () => {
  await site.lms.faults([{ match: '*/registration/', method: 'POST', mode: 'slow', ms: 400 }]);
  const id = await beginRepair(['oda', 'olaf', 'oskar', 'oti'], { parallel: 1 });
  const running = operations().run(rowId(id));
  await eventually('one row is done', async () => (await show(id)).done > 0, { pauseMs: 10 });
  const { userErrors } = await mutate(sue, 'cancelOperation', { operationId: id });
  expect(userErrors).toEqual([]);
  await running;
  const ended = await show(id);
  expect(ended.state).toBe('CANCELED');
  const outcomes = ended.rows.nodes.map(({ outcome }) => outcome);
  expect(outcomes).toHaveLength(4);
  expect(outcomes[0]).toBe('OK');
  expect(outcomes.at(-1)).toBe('CANCELLED');
});

test('retryOperation does the rows that failed again, and no others; a repeat joins it', async () => {
  const id = await beginRepair(['pia', 'paul']);
  const em = site.gateway.context.orm.em.fork();
  await em.nativeUpdate(AccountEntity, { username: 'paul' }, { name: 'see https://spam.example' });
  const early = await mutate(sue, 'retryOperation', { operationId: id });
  expect(early).toEqual({ operation: null, userErrors: [{ code: 'CONFLICT' }] });
  await operations().run(rowId(id));
  expect(await show(id)).toMatchObject({ state: 'PARTIAL', done: 2, failed: 1 });

  await em.nativeUpdate(AccountEntity, { username: 'paul' }, { name: 'Paul' });
  const again = await mutate(sue, 'retryOperation', { operationId: id });
  expect(again).toMatchObject({ operation: { state: 'QUEUED', total: 1, retryOf: { id } }, userErrors: [] });
  const joined = await mutate(sue, 'retryOperation', { operationId: id });
  expect(joined.operation?.id).toBe(again.operation?.id);
  await operations().run(rowId(again.operation?.id ?? ''));
  expect(await show(again.operation?.id ?? '')).toMatchObject({
    state: 'SUCCEEDED',
    done: 1,
    failed: 0,
    rows: { nodes: [{ key: 'paul', outcome: 'OK' }] },
  });
  const { errors } = await askGraph(
    ada,
    `mutation { retryOperation(input: { operationId: "${id}" }) { operation { id } userErrors { code } } }`,
  );
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
});
