import { startSandbox } from '../../sandbox/start.js';
import { pullLever } from '../../test/support/sandbox-levers.js';
import type { BenchPart, BenchSetting } from './part.js';
import { table } from './part.js';
import { startStage } from './stage.js';
import { letLearnersCome, quantile, type Visit } from './three-thousand/arrivals.js';
import { floorOf } from './three-thousand/floor.js';
import { createPlainDashboard } from './three-thousand/plain-loader.js';

interface School {
  learners: number;
  courses: number;
  enrollmentsEach: number;
  seconds: number;
}

const whole: School = { learners: 3_000, courses: 20, enrollmentsEach: 5, seconds: 120 };
const quick: School = { ...whole, learners: 300, seconds: 12 };
const promisedMs = 2_000;
const worker = { clientId: 'bench-worker', clientSecret: 'bench-worker-secret', username: 'portico_worker' };
const tokensAtOnce = 8;

const dashboard = `query Dashboard { viewer { enrollments(first: 20) { nodes {
  courseRun { courseKey title } grade { percent freshness { stale } } } } } }`;

/**
 * Distinct learners open the dashboard (enrollments, titles, grades) evenly over two minutes, with nothing cached, one service
 * worker, the LMS's throttles and its recorded costs; beside it the same with plain DataLoaders, and the least that it can cost.
 */
export const threeThousand: BenchPart = {
  name: '3,000 learners',
  async run(setting) {
    const school = setting.isQuick ? quick : whole;
    const { learners, courses, enrollmentsEach, seconds } = school;
    const ours = await measurePortico(school, setting);
    const plain = await measurePlain(school, setting);
    const floor = floorOf(school);
    const faults = [...new Set(ours.visits.flatMap((visit) => visit.faults))].slice(0, 5);
    const text = [
      `${learners} learners in ${seconds} s, each with ${enrollmentsEach} of ${courses} course runs, nothing cached; one worker, the LMS's throttles and recorded costs. Portico used ${(ours.processorMs / learners).toFixed(1)} ms of processor a dashboard.`,
      '',
      table(
        [
          '',
          'whole',
          'not whole',
          'p50 ms',
          'p95 ms',
          'p99 ms',
          'counted calls',
          'refused',
          'all calls',
          'time in the LMS, s',
        ],
        [
          ['Portico', ...rowOf(ours)],
          ['plain DataLoader', ...rowOf(plain)],
          [
            'floor',
            learners,
            0,
            floor.oneDashboardMs.toFixed(0),
            '',
            '',
            floor.countedCalls,
            0,
            '',
            floor.busySeconds.toFixed(0),
          ],
        ],
      ),
      '',
      'Calls of Portico, and how long they took at the LMS, waiting for its workers included:',
      '',
      ...kindsOf(ours.calls),
      ...(faults.length > 0 ? ['', `Missing, for example: ${faults.join('; ')}`] : []),
    ].join('\n');
    const isWhole = ours.visits.every((visit) => visit.faults.length === 0);
    return { text, isKept: isWhole && quantile(ours.visits, 0.95) < promisedMs };
  },
};

interface Measured {
  visits: Visit[];
  calls: SandboxCall[];
}

interface SandboxCall {
  path: string;
  query: string;
  purpose: string;
  status: number;
  ms: number;
}

const nameOf = (number: number) => `learner${String(number).padStart(5, '0')}`;
const namesOf = ({ learners }: School) => Array.from({ length: learners }, (_, at) => nameOf(at + 1));

async function measurePortico(school: School, setting: BenchSetting) {
  const { server, newDatabase, tell } = setting;
  const people = namesOf(school);
  await using stage = await startStage({ databaseUrl: await newDatabase(), server, people });
  const { lmsUrl } = stage.sandbox;
  tell(`tokens for ${people.length} learners`);
  const tokens = new Map<string, string>();
  const left = [...people];
  const next = async () => {
    for (let name = left.shift(); name; name = left.shift()) tokens.set(name, await stage.tokenOf(name));
  };
  await Promise.all(Array.from({ length: tokensAtOnce }, next));
  await fill(lmsUrl, school);
  tell(`${people.length} learners come`);
  const before = stage.processorMs() ?? Number.NaN;
  const visits = await letLearnersCome(people, school.seconds, async (learner) => {
    const answer = await fetch(`${stage.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.get(learner)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: dashboard }),
    });
    return faultsOf(await answer.json(), school.enrollmentsEach);
  });
  const processorMs = (stage.processorMs() ?? Number.NaN) - before;
  return { visits, processorMs, calls: await callsOf(lmsUrl) };
}

async function measurePlain(school: School, { tell }: BenchSetting): Promise<Measured> {
  const client = { clientId: 'unused', clientSecret: 'unused' };
  await using lms = await startSandbox({
    sso: client,
    apiClient: client,
    worker,
    lmsPort: 0,
    smtpPort: 0,
    porticoUrl: 'http://localhost:9',
    demo: false,
  });
  await fill(lms.lmsUrl, school);
  const answer = await fetch(`${lms.lmsUrl}/oauth2/access_token/`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      token_type: 'jwt',
      client_id: worker.clientId,
      client_secret: worker.clientSecret,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  tell('the same with plain DataLoaders');
  const open = createPlainDashboard(lms.lmsUrl, token, worker.username);
  const visits = await letLearnersCome(namesOf(school), school.seconds, open);
  return { visits, calls: await callsOf(lms.lmsUrl) };
}

/** Gives the LMS its learners, its throttles and its slowness, and forgets what was asked before. */
async function fill(lmsUrl: string, { learners, courses, enrollmentsEach }: School): Promise<void> {
  await pullLever(lmsUrl, 'POST', 'seed', { users: learners, courses, enrollmentsPerUser: enrollmentsEach, seed: 7 });
  await pullLever(lmsUrl, 'PUT', 'settings', { throttles: true });
  await pullLever(lmsUrl, 'PUT', 'faults', [{ match: '/api/*', mode: 'costs' }]);
  await pullLever(lmsUrl, 'DELETE', 'requests');
}

/** How many calls of each kind. */
function kindsOf(calls: readonly SandboxCall[]): string[] {
  const kinds = Map.groupBy(calls, ({ path, query, purpose, status }) => {
    const parameters = query.replaceAll(/=[^&]*/g, '');
    return `\`${path.replace(/course-v1[^/]*/, 'COURSE')}?${parameters}\` (${purpose}, ${status})`;
  });
  return [...kinds].map(([kind, some]) => {
    const ms = some.reduce((sum, call) => sum + call.ms, 0) / some.length;
    return `- ${kind}: ${some.length}, ${ms.toFixed(0)} ms`;
  });
}

/** What a learner would find missing. */
function faultsOf(body: unknown, enrollments: number): string[] {
  const { data, errors } = body as {
    data?: { viewer?: { enrollments?: { nodes: DashboardRow[] } | null } | null } | null;
    errors?: { message: string }[];
  };
  const nodes = data?.viewer?.enrollments?.nodes ?? [];
  return [
    ...(errors ?? []).map(({ message }) => message),
    ...(nodes.length === enrollments ? [] : [`${nodes.length} enrollments`]),
    ...nodes.flatMap(({ courseRun, grade }) => [
      ...(courseRun?.title ? [] : ['no title']),
      ...(grade && !grade.freshness.stale ? [] : ['no grade, or an old one']),
    ]),
  ];
}

interface DashboardRow {
  courseRun: { title: string | null } | null;
  grade: { percent: number; freshness: { stale: boolean } } | null;
}

async function callsOf(lmsUrl: string): Promise<SandboxCall[]> {
  const calls = (await pullLever(lmsUrl, 'GET', 'requests')) as SandboxCall[];
  return calls.filter(({ path }) => path.startsWith('/api/'));
}

function rowOf({ visits, calls }: Measured): (string | number)[] {
  const counted = calls.filter(
    ({ path }) => path.startsWith('/api/enrollment/') || path === '/api/courses/v1/courses/',
  );
  const refused = calls.filter(({ status }) => status === 429).length;
  const whole = visits.filter(({ faults }) => faults.length === 0);
  const ms = (part: number) => quantile(whole, part).toFixed(0);
  const inLmsSeconds = calls.reduce((sum, call) => sum + call.ms, 0) / 1000;
  return [
    whole.length,
    visits.length - whole.length,
    ms(0.5),
    ms(0.95),
    ms(0.99),
    counted.length - refused,
    refused,
    calls.length,
    inLmsSeconds.toFixed(0),
  ];
}
