import { startSandbox } from '../../sandbox/start.js';
import { loadConfig } from '../../src/config/config.js';
import { createGradeReads } from '../../src/datasources/lms/grades.js';
import { createLmsApi } from '../../src/datasources/lms/lms-api.js';
import { createLmsClient } from '../../src/datasources/lms/lms-client.js';
import { createLogger } from '../../src/logger.js';
import { pullLever } from '../../test/support/sandbox-levers.js';
import {
  allPlans,
  describePlan,
  type FixedPlan,
  floorMs,
  type GradePage,
  mostConcurrency,
  pageSizes,
  runPlan,
} from './grade-plans.js';
import { type BenchPart, median, table } from './part.js';

const learners = 50;
const runs = 5;
/** Active learners of each run: from fewer than a page to more than anyone would scan for fifty. */
const runSizes = [60, 250, 600, 1500];
const promise = 1.3;
const rounds = 3;
/** Single reads of all, and scans of all: what one would write without knowing costs. */
const naive: FixedPlan = { runsBySingles: runs, pageSize: 50, concurrency: 64 };
const alwaysBatch = pageSizes.map((pageSize) => ({ runsBySingles: 0, pageSize, concurrency: mostConcurrency }));

/** Exact grades of a page, on an LMS that takes as long as a recorded one: Portico's plan beside the best of all. */
export const recordedCostsPart: BenchPart = {
  name: 'recorded costs',
  async run({ isQuick, tell }) {
    await using sandbox = await startSandbox({
      ...credentials,
      lmsPort: 0,
      smtpPort: 0,
      porticoUrl: 'http://localhost:1',
      demo: false,
    });
    const lever = (method: string, name: string, body?: unknown) => pullLever(sandbox.lmsUrl, method, name, body);
    const rows: (string | number)[][] = [];
    let isKept = true;
    for (const runSize of isQuick ? runSizes.slice(1, 2) : runSizes) {
      await lever('DELETE', 'state');
      await lever('POST', 'seed', { users: runSize, courses: runs, enrollmentsPerUser: runs, seed: 7 });
      await lever('PUT', 'faults', [{ match: '/api/*', mode: 'costs' }]);
      const page = pageOf(runSize);
      const fixed = await tryPlans(page, sandbox.lmsUrl, tell);
      const cold = await timeOf(() => readAsPortico(page, sandbox.lmsUrl, false));
      const learned = await timeOf(() => readAsPortico(page, sandbox.lmsUrl, true));
      const [best] = fixed.toSorted((one, other) => one.ms - other.ms);
      const simple = await timeOf(() => readFixed(naive, page, sandbox.lmsUrl));
      const batches = fixed.filter(({ plan }) =>
        alwaysBatch.some((batch) => describePlan(batch, page) === describePlan(plan, page)),
      );
      if (!best) throw new Error('no plan was tried');
      const ratios = [cold, learned].map((ms) => ms / best.ms);
      isKept &&= ratios.every((ratio) => ratio <= promise);
      rows.push([
        `${runs} runs of ${runSize}`,
        `${Math.round(best.ms)} (${describePlan(best.plan, page)})`,
        ...[cold, learned].map((ms) => `${Math.round(ms)} (**${(ms / best.ms).toFixed(2)}**)`),
        Math.round(simple),
        batches.map(({ plan, ms }) => `${Math.round(ms)} (${plan.pageSize})`).join(', '),
      ]);
      tell(`${runSize}: best ${Math.round(best.ms)} ms, Portico ${Math.round(cold)} and ${Math.round(learned)} ms`);
    }
    return {
      isKept,
      text: [
        `Exact grades of ${learners} learners in ${runs} course runs each, from an LMS with the recorded costs and eight workers; milliseconds, medians of ${rounds}. “Best” is the fastest of all plans: any of the runs singly and the others by pages of ${pageSizes.join(', ')}, 1 to ${mostConcurrency} calls at a time; a plan whose costs alone are above the fastest time so far is not run. Portico may take ${promise} times as long: “new” knows neither the sizes of the runs nor this LMS, “learned” has read such a page before.`,
        '',
        table(
          [
            'page',
            'best plan',
            'Portico, new',
            'Portico, learned',
            'one call per grade, all at once',
            'always pages (size)',
          ],
          rows,
        ),
      ].join('\n'),
    };
  },
};

const credentials = {
  sso: { clientId: 'lms', clientSecret: 'bench-lms-secret' },
  apiClient: { clientId: 'portico-api', clientSecret: 'bench-api-secret' },
  worker: { clientId: 'portico-worker', clientSecret: 'bench-worker-secret', username: 'portico_worker' },
};

/** Learners spread evenly over the run, in no order. */
function pageOf(runSize: number): GradePage {
  const numbers = Array.from({ length: learners }, (_, index) => 1 + Math.floor((index * runSize) / learners));
  return {
    runSize,
    usernames: numbers.map((number) => `learner${String(number).padStart(5, '0')}`),
    courseKeys: Array.from(
      { length: runs },
      (_, index) => `course-v1:Seed+C${String(index + 1).padStart(5, '0')}+2026`,
    ),
  };
}

async function tryPlans(page: GradePage, lmsUrl: string, tell: (line: string) => void) {
  const plans = allPlans(page).sort((one, other) => floorMs(one, page) - floorMs(other, page));
  const tried: { plan: FixedPlan; ms: number }[] = [];
  let bestMs = Number.POSITIVE_INFINITY;
  for (const plan of plans) {
    const isShown = alwaysBatch.some((batch) => describePlan(batch, page) === describePlan(plan, page));
    if (floorMs(plan, page) >= bestMs && !isShown) continue;
    const ms = await timeOf(() => readFixed(plan, page, lmsUrl));
    bestMs = Math.min(bestMs, ms);
    tried.push({ plan, ms });
  }
  tell(`${tried.length} of ${plans.length} plans were run; the others cannot be faster`);
  return tried;
}

/** @param read - answers how long it took */
async function timeOf(read: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await read());
  return median(times);
}

async function readFixed(plan: FixedPlan, page: GradePage, lmsUrl: string): Promise<number> {
  await using client = connect(lmsUrl);
  await client.request(warmUp, { purpose: 'job' });
  const startedAt = performance.now();
  const found = await runPlan(plan, page, createGradeReads(client));
  assertWhole(found, page);
  return performance.now() - startedAt;
}

/** @param hasLearned - whether it has read such a page before */
async function readAsPortico(page: GradePage, lmsUrl: string, hasLearned: boolean): Promise<number> {
  await using client = connect(lmsUrl);
  const { keyed } = createLmsApi(client);
  await client.request(warmUp, { purpose: 'job' });
  const keys = page.usernames.flatMap((username) => page.courseKeys.map((courseKey) => ({ username, courseKey })));
  if (hasLearned) for (let read = 0; read < 2; read += 1) await keyed.readGrades(keys, { purpose: 'job' });
  const startedAt = performance.now();
  const answers = await keyed.readGrades(keys, { purpose: 'job' });
  const tookMs = performance.now() - startedAt;
  const wanted = new Set(keys.map(({ username, courseKey }) => `${username} ${courseKey}`));
  assertWhole(
    [...answers].filter(([name, answer]) => wanted.has(name) && 'value' in answer && answer.value).length,
    page,
  );
  return tookMs;
}

/** Fetches the service worker's token, which every plan needs, and opens a connection. */
const warmUp = {
  operation: 'course.list',
  family: 'courses',
  method: 'GET',
  path: '/api/courses/v1/courses/?page_size=1&username=portico_worker',
  credentials: 'worker',
  isIdempotent: true,
  read: () => undefined,
} as const;

function connect(lmsUrl: string) {
  const { config, secrets } = loadConfig({
    DATABASE_URL: 'postgres://localhost/unused',
    SMTP_URL: 'smtp://localhost',
    PORTICO_SECRET_KEYS: 'secret-key-of-the-benchmark-at-least-32-characters',
    OPENEDX_API_BASE_URL: lmsUrl,
    OPENEDX_API_CLIENT_ID: credentials.apiClient.clientId,
    OPENEDX_API_CLIENT_SECRET: credentials.apiClient.clientSecret,
    OPENEDX_SERVICE_WORKER_CLIENT_ID: credentials.worker.clientId,
    OPENEDX_SERVICE_WORKER_CLIENT_SECRET: credentials.worker.clientSecret,
  });
  return createLmsClient({
    config: config.lms,
    timeouts: config.timeouts,
    secrets,
    logger: createLogger('silent'),
    clock: () => new Date(),
  });
}

function assertWhole(found: number, { usernames, courseKeys }: GradePage): void {
  const wanted = usernames.length * courseKeys.length;
  if (found !== wanted) throw new Error(`${found} grades of ${wanted} were found`);
}
