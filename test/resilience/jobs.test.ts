import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLinkageBench, type Node } from '../integration/linkage/linkage-bench.js';
import { decide } from './decisions.js';
import { rounds, type Work, type WorkRow, workRows } from './jobs.js';
import { modeRows, modes } from './modes.js';
import { operationRows } from './operations.js';

/** What is wanted of an LMS that fails in each way: it waits where a person can see it, and is done once when the LMS is back. */

let bench: Awaited<ReturnType<typeof createLinkageBench>>;
let calm: Node;
beforeAll(async () => {
  bench = await createLinkageBench();
  await bench.lever('PUT', '/_sandbox/settings', { throttles: false, registrationLimit: 10_000, tokenLimit: 10_000 });
  calm = await bench.node();
});
afterAll(async () => {
  await calm[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

interface Seen {
  work: Work;
  during?: Awaited<ReturnType<Work['look']>>;
  isQueued?: boolean;
  after: Awaited<ReturnType<Work['look']>>;
}

async function isQueued(job: string): Promise<boolean> {
  const rows = await bench.em.fork().execute('select 1 from graphile_worker.jobs where key = ?', [job]);
  return rows.length > 0;
}

describe.each(modes)('while the LMS is in mode %s', (mode) => {
  const seen = new Map<string, Seen>();
  beforeAll(async () => {
    await using stack = new AsyncDisposableStack();
    const works: { row: WorkRow; work: Work }[] = [];
    // One after the other: this Portico signs one person on at a time.
    for (const [index, row] of workRows.entries())
      works.push({ row, work: await row.prepare(bench, calm, `p${modes.indexOf(mode)}-${index}`) });
    await bench.em.fork().execute('delete from graphile_worker._private_jobs');
    const { ms } = modeRows[mode];
    const fault = (row: WorkRow) => {
      const { match, method } = operationRows[row.operation];
      return { match, method, mode, ...(ms && { ms }) };
    };
    for (const round of rounds) {
      // A process that has seen no trouble yet.
      const node = stack.use(await bench.node({}, {}, mode === 'hang' ? { timeouts: { jobMs: 2000 } } : {}));
      await node.api.mappings({ usernames: ['nobody'] }, { purpose: 'job' });
      const some = works.filter(({ row }) => row.round === round);
      await bench.lever(
        'PUT',
        '/_sandbox/faults',
        some.map(({ row }) => fault(row)),
      );
      await Promise.all(some.map(({ work }) => work.run(node)));
    }
    await bench.lever('DELETE', '/_sandbox/faults');
    const observed = await Promise.all(
      works.map(async ({ work }) => ({ during: await work.look(calm), isQueued: await isQueued(work.job) })),
    );
    // A throttle of registrations holds all of them back, for as long as it says or until an operator knows better.
    await calm.edxLinks.resumeRegistrations();
    // Another process, a moment later.
    for (const { work } of works) await work.run(calm);
    for (const [index, { row, work }] of works.entries())
      seen.set(row.name, { work, ...observed[index], after: await work.look(calm) });
  });

  test.each(workRows.map((row) => [row.name, decide(row.operation, mode), row.codeOfWait] as const))(
    '%s comes to: %s',
    (name, decided, codeOfWait) => {
      const { work, during, isQueued: queued, after } = seen.get(name) ?? {};
      if (decided === 'answer') expect(during).toMatchObject({ isDone: true });
      else if (decided === 'refused') expect(during).toMatchObject({ isDone: false, failure: { retryable: false } });
      else {
        expect(during).toMatchObject({
          isDone: false,
          failure: { upstream: 'lms', code: codeOfWait ?? decided, retryable: true },
        });
        expect(during?.failure?.message).not.toMatch(/[<{]|localhost|127\.0\.0\.1|\/api\//);
        expect(queued).toBe(true);
      }
      // A refusal waits for somebody to want it anew; here that is the next run.
      expect(after).toMatchObject({ isDone: true });
      expect(after?.failure ?? null).toBeNull();
      expect(work?.countInLms()).toBe(1);
    },
  );
});
