import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { pullLever, sandboxLevers } from '../../test/support/sandbox-levers.js';
import { openDatabaseMeter } from '../database-meter.js';
import { type ServerOptions, startServer } from '../server-process.js';
import { type LmsAccess, openLms } from './dashboard-calls.js';
import { askForPages, type PageRequest, quantile } from './dashboard-load.js';
import type { RestSettings } from './dashboard-rest.js';
import { type BenchPart, median, table } from './part.js';
import { benchWorker, type Stage, startStage } from './stage.js';

const enrollmentsPerUser = 5;
const latencyMs = 10;
const connections = 64;
const rounds = 3;
/** Learners of one measurement, each of whom is asked for once: nothing that is asked for is in any cache. */
const sizes = { warmUp: 1_000, round: 500, alone: 50 };
const quickSizes = { warmUp: 20, round: 150, alone: 10 };
/** Measurements with one connection, by turns: a machine is not as fast at one time as at another. */
const turns = 6;
/** Turns before that, until what has served many at once is as fast as it gets for one. */
const turnsToWarmUp = 4;

const query = `{ viewer { username enrollments(first: 20) { nodes {
  mode state courseRun { courseKey title start end } grade { percent letterGrade passed } certificate { status downloadUrl }
} } } }`;

/** One learner's page, of whom nothing is known yet: how much later than the LMS itself, and how many of them. */
export const dashboardPart: BenchPart = {
  name: 'dashboard cold',
  async run({ newDatabase, server, isQuick, tell }) {
    const { warmUp, alone, round } = isQuick ? quickSizes : sizes;
    // Portico keeps the enrollments of whom it has seen: with and without its caches it is asked for different people.
    const people = Array.from({ length: 2 * (warmUp + rounds * round) + (turnsToWarmUp + turns) * alone }, (_, at) =>
      usernameOf(at + 1),
    );
    const env = { LMS_ENROLLMENT_CALLS_PER_MINUTE: '1000000', LMS_COURSE_LIST_CALLS_PER_MINUTE: '1000000' };
    const databaseUrl = await newDatabase();
    await using stage = await startStage({ databaseUrl, server, people, env });
    await using database = await openDatabaseMeter(databaseUrl);
    const { lmsUrl } = stage.sandbox;
    const lms = sandboxLevers(lmsUrl);
    // Each learner has course runs of their own, so that nobody finds what another has asked for.
    await lms.seed({ users: people.length, courses: people.length * enrollmentsPerUser, enrollmentsPerUser, seed: 3 });
    await lms.settings({ throttles: false });
    tell(`${people.length} learners are there`);
    const access = { lmsUrl, workerUsername: benchWorker.username, authorization: await workerAuthorization(lmsUrl) };
    const portico = await porticoRequests(stage, people);
    const uncached = await stage.startBeside({ LMS_READ_CACHE: 'off' });
    await using rest = await startRest({ ...access, databaseUrl: await newDatabase(), poolSize: 10 }, people, server);
    tell('everybody has a token');
    await pullLever(lmsUrl, 'PUT', 'faults', [{ match: '/api/*', mode: 'slow', ms: latencyMs }]);

    const servers = { rest, portico: stage, uncached };
    const sides = ['rest', 'portico', 'uncached'] as const;
    type Side = (typeof sides)[number];
    let next = 0;
    /** Of learners who come next, in an order of their own. */
    const take = (count: number) => {
      const from = next;
      next += count;
      return { from, until: next };
    };
    const load = (side: Side, { from, until }: { from: number; until: number }, many: number) =>
      askForPages(servers[side].url, (side === 'rest' ? rest.requests : portico).slice(from, until), {
        connections: many,
        isWhole: (body) => !body.includes('"errors"') && body.split('"percent"').length === enrollmentsPerUser + 1,
      });
    const warm = take(warmUp);
    await load('rest', warm, connections);
    await load('portico', warm, connections);
    await load('uncached', take(warmUp), connections);

    const rates: Record<Side, { perSecond: number; p50: number; processorMs: number; databaseMs: number }[]> = {
      rest: [],
      portico: [],
      uncached: [],
    };
    for (let at = 0; at < rounds; at++) {
      const some = take(round);
      const learners = { rest: some, portico: some, uncached: take(round) };
      for (const side of at % 2 === 0 ? sides : sides.toReversed()) {
        const { processorMs } = servers[side];
        const before = processorMs() ?? Number.NaN;
        await database.settle();
        const stored = await database.read();
        const { perSecond, tookMs } = await load(side, learners[side], connections);
        const used = ((processorMs() ?? Number.NaN) - before) / round;
        await database.settle();
        const databaseMs = ((await database.read()).processorMs - stored.processorMs) / round;
        rates[side].push({ perSecond, p50: quantile(tookMs, 0.5), processorMs: used, databaseMs });
        tell(
          `${side}: ${perSecond.toFixed(0)} pages/s, ${used.toFixed(2)} ms of processor each, database ${databaseMs.toFixed(2)} ms`,
        );
      }
    }

    // When everything has run for long enough to be as fast as it gets, the LMS as well.
    const single = { floor: [] as number[], portico: [] as number[], rest: [] as number[] };
    const calls = { floor: 0, portico: 0, rest: 0 };
    const askers = ['floor', 'portico', 'rest'] as const;
    for (let turn = -turnsToWarmUp; turn < turns; turn++) {
      const some = take(alone);
      for (const side of turn % 2 === 0 ? askers : askers.toReversed()) {
        await lms.forgetRequests();
        const tookMs =
          side === 'floor'
            ? await askLms(access, people.slice(some.from, some.until))
            : (await load(side, some, 1)).tookMs;
        if (turn < 0) continue;
        single[side].push(...tookMs);
        calls[side] += (await lms.requests()).length;
      }
    }
    const [floor = 0, porticoAlone = 0, restAlone = 0] = askers.map((side) =>
      quantile(
        single[side].toSorted((a, b) => a - b),
        0.5,
      ),
    );
    const [floorCalls = 0, porticoCalls = 0, restCalls = 0] = askers.map((side) => calls[side] / (turns * alone));
    tell(`alone: floor ${floor.toFixed(1)} ms, Portico ${porticoAlone.toFixed(1)} ms, REST ${restAlone.toFixed(1)} ms`);

    const of = (side: Side, what: 'perSecond' | 'p50' | 'processorMs' | 'databaseMs') =>
      median(rates[side].map((rate) => rate[what]));
    const ratio = (side: Side) => (of(side, 'perSecond') / of('rest', 'perSecond')).toFixed(2);
    const isClose = porticoAlone <= floor + 3;
    const isFast = of('uncached', 'perSecond') / of('rest', 'perSecond') >= 0.9;
    const isFew = porticoCalls <= floorCalls;
    return {
      isKept: isClose && isFast && isFew,
      text: [
        `Learners with ${enrollmentsPerUser} enrollments each in course runs of their own, of whom nobody has asked anything yet: enrollments, titles and dates, exact grades, certificates. The LMS answers each call after ${latencyMs} ms. The floor is two round trips, the second of them of seven calls at once, made by the load itself; the REST handler makes the same calls, with the same connections and parsers and a token check, and caches nothing; Portico does both, as it comes and with LMS_READ_CACHE=off.`,
        '',
        table(
          ['', 'floor', 'REST by hand', 'Portico', 'without its caches', 'promised', ''],
          [
            [
              'calls of the LMS a page',
              floorCalls,
              restCalls,
              porticoCalls,
              '',
              `at most ${floorCalls}`,
              isFew ? 'kept' : 'MISSED',
            ],
            [
              'p50, one connection, ms',
              floor.toFixed(1),
              restAlone.toFixed(1),
              porticoAlone.toFixed(1),
              '',
              'floor + 3',
              isClose ? 'kept' : 'MISSED',
            ],
            [
              `pages/s, ${connections} connections`,
              '',
              ...sides.map((side) => of(side, 'perSecond').toFixed(0)),
              '0.9 of REST without caches',
              isFast ? 'kept' : 'MISSED',
            ],
            ['of REST', '', '', ratio('portico'), ratio('uncached'), '', ''],
            ['their p50, ms', '', ...sides.map((side) => of(side, 'p50').toFixed(0)), '', ''],
            ['processor a page, ms', '', ...sides.map((side) => of(side, 'processorMs').toFixed(2)), '', ''],
            [
              'of the database a page, ms',
              '',
              '',
              ...(['portico', 'uncached'] as const).map((side) => of(side, 'databaseMs').toFixed(2)),
              '',
              '',
            ],
          ],
        ),
      ].join('\n'),
    };
  },
};

const usernameOf = (number: number) => `learner${String(number).padStart(5, '0')}`;

async function workerAuthorization(lmsUrl: string): Promise<string> {
  const { clientId: client_id, clientSecret: client_secret } = benchWorker;
  const answer = await fetch(`${lmsUrl}/oauth2/access_token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret, token_type: 'jwt' }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (!token) throw new Error(`no token of the LMS: ${answer.status}`);
  return `JWT ${token}`;
}

/** The pages of the graph, each with a token of its learner. */
async function porticoRequests(stage: Stage, people: readonly string[]): Promise<PageRequest[]> {
  const body = JSON.stringify({ query });
  const requests: PageRequest[] = [];
  const left = [...people.entries()];
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [at, username] = next;
      const authorization = `Bearer ${await stage.tokenOf(username)}`;
      requests[at] = {
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json', authorization },
        body,
      };
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return requests;
}

/** The bare calls, one learner after the other. @returns what each page took, in ms */
async function askLms(access: LmsAccess, people: readonly string[]): Promise<number[]> {
  const lms = openLms(access);
  const tookMs: number[] = [];
  for (const username of people) {
    const startedAt = performance.now();
    await lms.dashboardOf(username);
    tookMs.push(performance.now() - startedAt);
  }
  await lms.close();
  return tookMs;
}

async function startRest(
  settings: Omit<RestSettings, 'tokens'>,
  people: readonly string[],
  options: ServerOptions,
): Promise<AsyncDisposable & { url: string; requests: PageRequest[]; processorMs(): number | undefined }> {
  const program = fileURLToPath(new URL('dashboard-rest.ts', import.meta.url));
  const loader = fileURLToPath(new URL('../../test/support/run-typescript.mjs', import.meta.url));
  const args = ['--import', loader, '--experimental-transform-types', '--no-warnings', program];
  const server = startServer(args, { ...options, isRead: true, env: { NODE_ENV: 'production' } });
  const { stdin, stdout } = server.process;
  if (!stdin || !stdout) throw new Error('the REST server has no pipes');
  const secrets = people.map((username) => ({ username, token: randomBytes(32).toString('base64url') }));
  const hash = (token: string) => createHash('sha256').update(token).digest('hex');
  const tokens = secrets.map(({ username, token }) => ({ username, hash: hash(token) }));
  stdin.end(JSON.stringify({ ...settings, tokens } satisfies RestSettings));
  const url = await readLine(stdout);
  return {
    url,
    requests: secrets.map(({ token }) => ({
      method: 'GET',
      path: '/dashboard',
      headers: { authorization: `Bearer ${token}` },
    })),
    processorMs: server.processorMs,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function readLine(stream: Readable): Promise<string> {
  const [chunk] = await once(stream, 'data', { signal: AbortSignal.timeout(30_000) });
  return String(chunk).trim();
}
