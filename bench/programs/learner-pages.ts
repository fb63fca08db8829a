import { join } from 'node:path';
import { openEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';
import { createLogger } from '../../src/logger.js';
import { systemActor } from '../../src/services/actor.js';
import {
  allowedProgramCalls,
  countProgramCalls,
  isWholeLearner,
  readProgramPages,
} from '../../test/support/program-pages.js';
import { addProgramPopulation } from '../../test/support/program-population.js';
import { pullLever, sandboxLevers } from '../../test/support/sandbox-levers.js';
import { createDatabase } from '../databases.js';
import { type PartReport, table } from '../graph/part.js';
import { startStage } from '../graph/stage.js';

const learners = 500;
const latencyMs = 10;
const key = 'a-program-of-many';

/**
 * The learners of a program with their course runs, grades and ID mapping, cold and once more: how many calls that takes.
 *
 * @param home - folder for the database and logs
 */
export async function measureLearnerPages(home: string): Promise<PartReport> {
  await using stack = new AsyncDisposableStack();
  const postgres = stack.use(await openEmbeddedPostgres({ home, logger: createLogger('warn') }));
  const usernames = Array.from({ length: learners }, (_, index) => `learner${String(index + 1).padStart(5, '0')}`);
  const stage = stack.use(
    await startStage({
      databaseUrl: await createDatabase(postgres.url, 'bench_program_pages'),
      server: { logFile: join(home, 'servers.log') },
      people: usernames,
    }),
  );
  const { sandbox, context } = stage;
  const population = await addProgramPopulation(sandbox, learners);
  await context.services.programs.link({ key, uuid: population.uuid, organizationKey: 'Seed' }, systemActor);
  await pullLever(sandbox.lmsUrl, 'PUT', 'faults', [{ match: '/api/*', mode: 'slow', ms: latencyMs }]);
  const lms = sandboxLevers(sandbox.lmsUrl);
  const read = async () => {
    await lms.forgetRequests();
    await pullLever(sandbox.discoveryUrl, 'DELETE', 'requests');
    const startedAt = performance.now();
    const found = await readProgramPages((query, variables) => stage.ask(query, variables), key);
    const tookMs = performance.now() - startedAt;
    const ofDiscovery = (await pullLever(sandbox.discoveryUrl, 'GET', 'requests')) as unknown[];
    return {
      isWhole: found.length === learners && found.every((learner) => isWholeLearner(learner, population)),
      calls: { ...countProgramCalls(await lms.requests()), Discovery: ofDiscovery.length } as Record<string, number>,
      tookMs,
    };
  };
  const [cold, warm] = [await read(), await read()];
  const allowed: Record<string, number> = { ...allowedProgramCalls(population), Discovery: 1 };
  const kinds = [...new Set([...Object.keys(allowed), ...Object.keys(cold.calls), ...Object.keys(warm.calls)])];
  const rows = kinds.map((kind) => {
    const [calls, again, atMost] = [cold.calls[kind] ?? 0, warm.calls[kind] ?? 0, allowed[kind] ?? 0];
    return { kind, calls, again, atMost, isKept: calls <= atMost && again === 0 };
  });
  return {
    isKept: cold.isWhole && warm.isWhole && rows.every(({ isKept }) => isKept),
    text: [
      `A program of ${learners} learners, ${population.runsOfLearner} of ${population.courseKeys.length} course runs each, with grades and ID mapping, read by an administrator in pages of 200; the LMS answers after ${latencyMs} ms. Cold ${(cold.tookMs / 1000).toFixed(1)} s, warm ${(warm.tookMs / 1000).toFixed(1)} s.`,
      '',
      table(
        ['calls', 'Portico', 'at most', 'warm', ''],
        rows.map(({ kind, calls, atMost, again, isKept }) => [kind, calls, atMost, again, isKept ? 'kept' : 'MISSED']),
      ),
    ].join('\n'),
  };
}
