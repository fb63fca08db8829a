import { expect, test } from 'vitest';
import type { Account } from '../../../src/entities/account.entity.js';
import type { Enrollment } from '../../../src/entities/enrollment.entity.js';
import type { EnrollmentMove } from '../../../src/entities/enrollment-move.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { createLinkageBench, type Node } from './linkage-bench.js';

type Bench = Awaited<ReturnType<typeof createLinkageBench>>;

const from = 'course-v1:OpenSchool+DATA1+R1';
const to = 'course-v1:OpenSchool+DATA1+R10';
const post = /^POST \/api\/enrollment\/v1\/enrollment/;

test('an enrollment that cannot be ended has its successor taken back', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await enrolled(bench, node);
  const bob = await linked(bench, node, 'bob');
  const move = await transfer(node, alice, bob);
  await perform(node, bob, from);
  await deactivate(bench, alice);
  await node.enrollmentMoves.advance(move.id);
  expect(await find(node, bob, from)).toMatchObject({ state: 'ACTIVE', intent: 'UNENROLL' });
  await perform(node, bob, from);
  await node.enrollmentMoves.advance(move.id);
  expect(await reload(node, move)).toMatchObject({
    state: 'FAILED',
    steps: [
      { name: 'ENROLL_TARGET', outcome: 'DONE' },
      { name: 'END_SOURCE', outcome: 'FAILED', reason: 'CONFLICT' },
      { name: 'UNDO_TARGET', outcome: 'DONE' },
    ],
  });
  expect(await find(node, bob, from)).toMatchObject({ state: 'INACTIVE' });
  expect(await find(node, alice, from)).toMatchObject({ state: 'ACTIVE', failedIntent: null, failedMoveId: move.id });
  expect(await node.api.readEnrollment('alice', from, { purpose: 'job' })).toMatchObject({ isActive: true });
});

test('a source whose end the job refuses is no dead letter: the move says why, and the target gets its mode back', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await enrolled(bench, node, 'verified');
  const bob = await linked(bench, node, 'bob');
  await node.enrollments.request({ accountId: bob.id, courseKey: from, mode: 'audit' }, systemActor);
  await perform(node, bob, from);
  await expect(transfer(node, alice, bob)).rejects.toMatchObject({ reason: 'ALREADY_ENROLLED' });
  const move = await transfer(node, alice, bob, { force: true });
  await perform(node, bob, from);
  expect(await find(node, bob, from)).toMatchObject({ mode: 'verified' });
  await node.enrollmentMoves.advance(move.id);
  await deactivate(bench, alice);
  await perform(node, alice, from);
  expect(await find(node, alice, from)).toMatchObject({ state: 'ACTIVE', failedIntent: 'UNENROLL' });
  await node.enrollmentMoves.advance(move.id);
  await perform(node, bob, from);
  await node.enrollmentMoves.advance(move.id);
  expect(await reload(node, move)).toMatchObject({
    state: 'FAILED',
    steps: [{}, { outcome: 'FAILED', reason: 'account-inactive' }, { name: 'UNDO_TARGET', outcome: 'DONE' }],
  });
  expect(await find(node, bob, from)).toMatchObject({ state: 'ACTIVE', mode: 'audit' });
  expect(await find(node, alice, from)).toMatchObject({ state: 'ACTIVE', failedIntent: null });
});

test('a target in a mode that nobody asked for is taken back: the source stands', async () => {
  await using bench = await createLinkageBench({ env: { ENROLLMENT_MODE_FALLBACKS: 'verified>audit' } });
  await using node = await bench.node();
  const alice = await enrolled(bench, node, 'verified');
  const art = 'course-v1:DemoU+ART150+2026_T1';
  const wish = { accountId: alice.id, courseKey: from, toCourseKey: art, force: true };
  const move = await node.enrollmentMoves.defer(wish, systemActor);
  await perform(node, alice, art);
  expect(await find(node, alice, art)).toMatchObject({ state: 'ACTIVE', mode: 'audit' });
  await node.enrollmentMoves.advance(move.id);
  await perform(node, alice, art);
  await node.enrollmentMoves.advance(move.id);
  expect(await reload(node, move)).toMatchObject({
    state: 'FAILED',
    steps: [
      { name: 'ENROLL_TARGET', outcome: 'FAILED', reason: 'fell-back' },
      { name: 'UNDO_TARGET', outcome: 'DONE' },
    ],
  });
  expect(await find(node, alice, art)).toMatchObject({ state: 'INACTIVE' });
  expect(await find(node, alice, from)).toMatchObject({ state: 'ACTIVE', mode: 'verified' });
  const stuck = async () => (await node.enrollments.list({ isStuck: true }, { size: 10 })).rows;
  expect(await stuck()).toMatchObject([{ accountId: alice.id, courseKey: from, failedMoveId: move.id }]);
  // What is wanted of the enrollment next settles it.
  await defer(node, alice);
  expect(await stuck()).toEqual([]);
});

test('a newer wish wins over a move: the learner who enrolls again meanwhile stays', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await enrolled(bench, node);
  const move = await defer(node, alice);
  await perform(node, alice, to);
  await node.enrollmentMoves.advance(move.id);
  await node.enrollments.request({ accountId: alice.id, courseKey: from }, { accountId: alice.id });
  await node.enrollmentMoves.advance(move.id);
  await perform(node, alice, from);
  expect(await find(node, alice, from)).toMatchObject({ state: 'ACTIVE', failedMoveId: null });
  const over = await reload(node, move);
  expect(over).toMatchObject({ state: 'FAILED' });
  expect(over.steps.at(-1)).toMatchObject({ name: 'END_SOURCE', outcome: 'FAILED', reason: 'overtaken' });
});

test('two processes with duplicate jobs and lost answers move an enrollment once', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  await using other = await bench.node();
  const alice = await enrolled(bench, node);
  await bench.lever('DELETE', '/_sandbox/requests');
  await bench.lever('PUT', '/_sandbox/faults', [
    { match: '/api/enrollment/v1/enrollment', method: 'POST', mode: 'lost-answer', times: 1 },
  ]);
  const key = 'once';
  const moves = await Promise.all(
    [node, other, node, other].map(({ enrollmentMoves }) =>
      enrollmentMoves.defer(
        { accountId: alice.id, courseKey: from, toCourseKey: to, idempotencyKey: key },
        systemActor,
      ),
    ),
  );
  expect(new Set(moves.map(({ id }) => id)).size).toBe(1);
  await using _worker = await node.work();
  await using _second = await other.work();
  const [move] = moves;
  if (!move) throw new Error('no move');
  await eventually('the move is over', async () => {
    await Promise.all([node.enrollmentMoves.advance(move.id), other.enrollmentMoves.advance(move.id)]);
    return (await reload(node, move)).state === 'DONE';
  });
  expect((await reload(node, move)).steps).toHaveLength(2);
  expect(await find(node, alice, from)).toMatchObject({ state: 'DEFERRED' });
  expect(await find(node, alice, to)).toMatchObject({ state: 'ACTIVE' });
  expect(await bench.requests(post)).toHaveLength(2);
});

test('a move under way is not begun again, and one that lost its job gets another', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const alice = await enrolled(bench, node);
  const move = await defer(node, alice);
  await expect(defer(node, alice)).rejects.toMatchObject({ code: 'CONFLICT' });
  await bench.em.fork().execute('delete from graphile_worker._private_jobs');
  expect(await node.enrollmentMoves.sweep()).toBe(1);
  expect(await node.enrollmentMoves.sweep()).toBe(0);
  expect((await reload(node, move)).state).toBe('RUNNING');
});

async function linked(bench: Bench, node: Node, username: string): Promise<Account> {
  const account = await bench.account({ username });
  await node.edxLinks.create(account.id);
  return account;
}

async function enrolled(bench: Bench, node: Node, mode = 'audit'): Promise<Account> {
  const account = await linked(bench, node, 'alice');
  await node.enrollments.request({ accountId: account.id, courseKey: from, mode }, systemActor);
  await perform(node, account, from);
  return account;
}

async function deactivate(bench: Bench, { id }: Account): Promise<void> {
  await bench.em.fork().execute(`update account set status = 'DEACTIVATED' where id = ?`, [id]);
}

function transfer(node: Node, { id }: Account, target: Account, options = {}): Promise<EnrollmentMove> {
  const wish = { accountId: id, courseKey: from, toAccountId: target.id, ...options };
  return node.enrollmentMoves.transfer(wish, systemActor);
}

function defer(node: Node, { id }: Account): Promise<EnrollmentMove> {
  return node.enrollmentMoves.defer({ accountId: id, courseKey: from, toCourseKey: to }, systemActor);
}

async function perform(node: Node, account: Account, courseKey: string): Promise<void> {
  await node.enrollments.perform((await find(node, account, courseKey)).id);
}

async function find(node: Node, account: Account, courseKey: string): Promise<Enrollment> {
  const row = await node.enrollments.findFor(account.id, courseKey);
  if (!row) throw new Error('no such enrollment');
  return row;
}

async function reload(node: Node, { id }: EnrollmentMove): Promise<EnrollmentMove> {
  const [row] = await node.enrollmentMoves.findByIds([id]);
  if (!row) throw new Error('no such move');
  return row;
}
