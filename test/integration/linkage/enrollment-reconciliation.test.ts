import { expect, test } from 'vitest';
import type { Account } from '../../../src/entities/account.entity.js';
import { UpstreamUnavailableError } from '../../../src/errors.js';
import { systemActor } from '../../../src/services/actor.js';
import type { Part, ReconcileRun } from '../../../src/services/enrollment-reconciliation/apply.js';
import type { ReconcileScope } from '../../../src/services/enrollment-reconciliation/reconciliation.service.js';
import { createLinkageBench, type Node } from './linkage-bench.js';

type Bench = Awaited<ReturnType<typeof createLinkageBench>>;

const demo = 'course-v1:edX+DemoX+Demo_Course';
const e2e = 'course-v1:edX+E2E-101+course';
const data = 'course-v1:OpenSchool+DATA1+R1';
const art = 'course-v1:DemoU+ART150+2026_T1';

test.each([
  ['learner', (alice: Account): ReconcileScope => ({ accountIds: [alice.id] })],
  ['course run', (): ReconcileScope => ({ courseKeys: [demo, e2e, data, art] })],
  ['school', (): ReconcileScope => ({})],
])(
  'by %s: what the LMS alone knows, ended, revived or changed is taken over; a second run changes nothing',
  async (_by, scope) => {
    await using bench = await createLinkageBench();
    await using node = await bench.node();
    const alice = await linked(bench, node, 'alice');
    await linked(bench, node, 'bob');
    for (const courseKey of [demo, e2e, data]) await enroll(node, alice, courseKey);
    await leave(node, alice, e2e);
    // Behind Portico's back.
    await atLms(node, { courseKey: demo, mode: 'verified', isActive: true });
    await atLms(node, { courseKey: e2e, isActive: true });
    await atLms(node, { courseKey: data, isActive: false });
    await atLms(node, { courseKey: art, mode: 'audit', isActive: true });

    const seen = await run(node, scope(alice), { dryRun: true });
    const expected = [
      ['created', art],
      ['deactivated', data],
      ['mode-changed', demo],
      ['reactivated', e2e],
    ];
    expect(kinds(seen)).toEqual(expected);
    expect((await node.enrollments.ofAccounts([alice.id])).length).toBe(3);
    expect(kinds(await run(node, scope(alice)))).toEqual(expected);
    const rows = await node.enrollments.ofAccounts([alice.id]);
    expect(Object.fromEntries(rows.map(({ courseKey, state, mode }) => [courseKey, [state, mode]]))).toMatchObject({
      [demo]: ['ACTIVE', 'verified'],
      [e2e]: ['ACTIVE', 'audit'],
      [data]: ['INACTIVE', 'audit'],
      [art]: ['ACTIVE', 'audit'],
    });
    const history = await node.enrollments.history(rows.map(({ id }) => id));
    expect(history.filter(({ cause }) => cause === 'reconciled')).toHaveLength(4);
    expect(kinds(await run(node, scope(alice)))).toEqual([]);
  },
);

test('a wish that is under way wins, and is reported; its job then has its way', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linked(bench, node, 'alice');
  const row = await enroll(node, alice, demo);
  await node.enrollments.changeMode({ accountId: alice.id, courseKey: demo, mode: 'verified' }, systemActor);
  await atLms(node, { courseKey: demo, isActive: false });
  for (const scope of [{ accountIds: [alice.id] }, { courseKeys: [demo] }])
    expect(kinds(await run(node, scope))).toEqual([['pending', demo]]);
  expect(await node.enrollments.findFor(alice.id, demo)).toMatchObject({ state: 'ACTIVE', intent: 'CHANGE_MODE' });
  await node.enrollments.perform(row.id);
  expect(await node.enrollments.findFor(alice.id, demo)).toMatchObject({
    intent: null,
    lastError: { code: 'not-enrolled' },
  });
});

test('what only Portico has is reported, and enrolled in the LMS where that is asked for', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linked(bench, node, 'alice');
  const row = await enroll(node, alice, demo);
  await bench.em.fork().execute(`update enrollment set course_key = ? where id = ?`, [art, row.id]);
  for (const scope of [{ accountIds: [alice.id] }, { courseKeys: [art] }])
    expect((await run(node, scope)).flatMap(({ drifts }) => drifts)).toContainEqual(
      expect.objectContaining({ kind: 'local-only', courseKey: art, lmsUsername: 'alice', there: null }),
    );
  expect(await node.enrollments.findFor(alice.id, art)).toMatchObject({ state: 'ACTIVE', intent: null });
  await run(node, { accountIds: [alice.id] }, { enrollLocalOnly: true });
  await node.enrollments.perform(row.id);
  expect(await node.api.readEnrollment('alice', art, { purpose: 'job' })).toMatchObject({ isActive: true });
  expect(kinds(await run(node, { accountIds: [alice.id] }))).toEqual([]);
});

test('an LMS that is away changes nothing, and a later run goes on where this one got to', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await linked(bench, node, 'alice');
  await enroll(node, alice, demo);
  await bench.lever('PUT', '/_sandbox/faults', [{ match: '/api/enrollment/*', mode: 'down', times: 50 }]);
  await expect(run(node, {})).rejects.toBeInstanceOf(UpstreamUnavailableError);
  expect(await node.enrollments.findFor(alice.id, demo)).toMatchObject({ state: 'ACTIVE', attempts: 0 });
  await bench.lever('DELETE', '/_sandbox/faults');
  await using again = await bench.node();
  const parts = await run(again, {});
  expect(parts.at(-1)?.next).toBe(alice.id);
  expect(await run(again, {}, { after: alice.id })).toEqual([]);
});

test('two processes that take over the same news at once write it once', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  await using other = await bench.node();
  const alice = await linked(bench, node, 'alice');
  await atLms(node, { courseKey: art, isActive: true });
  await atLms(node, { courseKey: demo, mode: 'verified', isActive: true });
  await Promise.all([run(node, {}), run(other, { courseKeys: [demo] }), run(other, { accountIds: [alice.id] })]);
  const rows = await node.enrollments.ofAccounts([alice.id]);
  expect(rows.map(({ courseKey }) => courseKey).toSorted()).toEqual([art, demo].toSorted());
  expect(await node.enrollments.history(rows.map(({ id }) => id))).toHaveLength(2);
});

async function run(node: Node, scope: ReconcileScope, options: Partial<ReconcileRun> = {}): Promise<Part[]> {
  const wanted = { actor: systemActor, purpose: 'job' as const, dryRun: false, enrollLocalOnly: false, ...options };
  const parts: Part[] = [];
  for await (const part of node.enrollmentReconciliation.reconcile(scope, wanted)) parts.push(part);
  return parts;
}

function kinds(parts: Part[]): string[][] {
  return parts
    .flatMap(({ drifts }) => drifts)
    .map(({ kind, courseKey }) => [kind, courseKey])
    .toSorted(([a = ''], [b = '']) => a.localeCompare(b));
}

async function linked(bench: Bench, node: Node, username: string): Promise<Account> {
  const account = await bench.account({ username });
  await node.edxLinks.create(account.id);
  return account;
}

async function enroll(node: Node, { id }: Account, courseKey: string) {
  const asked = await node.enrollments.request({ accountId: id, courseKey, mode: 'audit' }, systemActor);
  await node.enrollments.perform(asked.id);
  return asked;
}

async function leave(node: Node, { id }: Account, courseKey: string): Promise<void> {
  const asked = await node.enrollments.unenroll({ accountId: id, courseKey }, systemActor);
  await node.enrollments.perform(asked.id);
}

async function atLms(node: Node, change: { courseKey: string; mode?: string; isActive: boolean }): Promise<void> {
  const outcome = await node.api.postEnrollment({ username: 'alice', ...change }, { purpose: 'job' });
  if (outcome.kind === 'refused') throw new Error(outcome.refusal.message);
}
