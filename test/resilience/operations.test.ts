import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULT_MODES } from '../../sandbox/control/fault-list.js';
import type { FaultMode } from '../../sandbox/lms/rows.js';
import { type LmsOperation, lmsOperations } from '../../src/datasources/lms/operations.js';
import { UpstreamUnavailableError } from '../../src/errors.js';
import { decide, mayBeDone } from './decisions.js';
import { type Connection, connect, type FaultyLms, startFaultyLms } from './lms.js';
import { modeRows, modes } from './modes.js';
import { operationRows, whoLeaves } from './operations.js';

/** Each operation before an LMS that fails in each way, at every try: 33 times 16 cells. */

/** Long: what fails by itself must not fail by the time that a busy machine takes. */
const patient = { UPSTREAM_TRY_TIMEOUT: '10000', UPSTREAM_REQUEST_TIMEOUT: '20000', EDX_API_CLIENT_TIMEOUT: '30' };
/** Short: what hangs must not hang the test. */
const impatient = { UPSTREAM_TRY_TIMEOUT: '1500', UPSTREAM_REQUEST_TIMEOUT: '2000', EDX_API_CLIENT_TIMEOUT: '4' };
const job = { purpose: 'job' } as const;

interface Seen {
  outcome: PromiseSettledResult<unknown> | undefined;
  records: Connection['records'];
}

let lms: FaultyLms;
let healthy: Map<LmsOperation, Seen>;
beforeAll(async () => {
  lms = await startFaultyLms({ learners: lmsOperations.length * (modes.length + 1) + 1 });
  await using connection = connect(lms.url, patient);
  await connection.api.requestRetirement(whoLeaves, job);
  healthy = await askAll();
});
afterAll(() => lms[Symbol.asyncDispose]());

/** Asks every operation at the same time, each over a connection of its own that has its token already. */
async function askAll(mode?: FaultMode): Promise<Map<LmsOperation, Seen>> {
  await using stack = new AsyncDisposableStack();
  const connections = await Promise.all(
    lmsOperations.map(async (operation) => {
      const connection = stack.use(connect(lms.url, mode === 'hang' ? impatient : patient));
      if (operation === 'oauth.client_credentials') return connection;
      await connection.api.mappings({ usernames: ['nobody'] }, job);
      if (operation.startsWith('retirement.')) await connection.api.retirementState('nobody', job);
      // Told of once whoever waits for the answer has it.
      await nextTurn();
      connection.records.length = 0;
      return connection;
    }),
  );
  if (mode) {
    const { ms } = modeRows[mode];
    const places = lmsOperations.map((operation) => operationRows[operation]);
    await lms.levers.faults(places.map(({ match, method }) => ({ match, method, mode, ...(ms && { ms }) })));
  }
  const outcomes = await Promise.allSettled(
    lmsOperations.map((operation, index) => {
      const connection = connections[index];
      if (!connection) throw new Error(`no connection for ${operation}`);
      return operationRows[operation].ask(connection, lms.nextLearner());
    }),
  );
  await lms.levers.heal();
  return new Map(
    lmsOperations.map((operation, index) => [
      operation,
      { outcome: outcomes[index], records: connections[index]?.records ?? [] },
    ]),
  );
}

test('every fault of the sandbox is a column', () => {
  expect([...modes].sort()).toEqual([...FAULT_MODES].sort());
});

test.each(lmsOperations)('%s is answered by an LMS that is well, and by that call', (operation) => {
  const seen = healthy.get(operation);
  expect(seen?.outcome).toMatchObject({ status: 'fulfilled' });
  expect(seen?.records).toContainEqual(expect.objectContaining({ operation, outcome: 'ok' }));
});

describe.each(modes)('while the LMS is in mode %s', (mode) => {
  let faulty: Map<LmsOperation, Seen>;
  beforeAll(async () => {
    faulty = await askAll(mode);
  });

  test.each(lmsOperations.map((operation) => [operation, decide(operation, mode)] as const))(
    '%s comes to: %s',
    (operation, decided) => {
      const { outcome, records = [] } = faulty.get(operation) ?? {};
      const own = records.filter((record) => record.operation === operation);
      expect(own.length).toBeGreaterThan(0);
      if (decided === 'answer') {
        expect(outcome).toEqual(healthy.get(operation)?.outcome);
        return;
      }
      if (decided === 'refused') {
        expect(outcome?.status).toBe('fulfilled');
        expect(outcome).not.toEqual(healthy.get(operation)?.outcome);
        return;
      }
      if (outcome?.status !== 'rejected') throw new Error(`it was answered: ${JSON.stringify(outcome)}`);
      const { isOnce } = operationRows[operation];
      expect(outcome.reason).toBeInstanceOf(UpstreamUnavailableError);
      expect(outcome.reason).toMatchObject({ upstream: 'lms', why: decided, retryable: true });
      expect(outcome.reason.mayHaveHappened).toBe(isOnce === true && mayBeDone(decided));
      // Nothing of the answer, and nothing of where the LMS is.
      expect(outcome.reason.message).not.toMatch(/[<{]|localhost|127\.0\.0\.1|lms\.invalid|\/api\//);
      expect(Object.keys(outcome.reason.extensions()).sort()).toEqual(['retryable', 'upstream']);
      // What might be done twice is sent once; anything else three times at most.
      expect(own.reduce((sum, { tries }) => sum + tries, 0)).toBeLessThanOrEqual(isOnce ? 1 : 3);
    },
  );
});
