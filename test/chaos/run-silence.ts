import pg from 'pg';
import { createContext } from '../../src/app/context.js';
import { feedName } from '../../src/changes/roll-call.js';
import { loadConfig } from '../../src/config/config.js';
import { createLogger } from '../../src/logger.js';
import { type RedisServer, startRedisServer } from '../redis/redis-server.js';
import { Halves } from '../support/halves.js';
import { createFollowers, type Follower } from './followers.js';
import { createRandom } from './seeded-random.js';

/** What carries news to subscribers, and is away for a while. */
export type Carrier = 'Redis' | 'listener';

export interface SilenceOptions {
  /** How long each of them is away. */
  seconds: number;
  followers: number;
  /** Folder for the data and the logs; new and empty. */
  home: string;
}

export interface SilenceReport {
  carrier: Carrier;
  /** Grades that changed in the LMS meanwhile, and until it was told to be over. */
  changes: number;
  /** Dashboards by what came of them while the carrier was away. */
  looks: Record<string, number>;
  longestLookMs: number;
  /** From the last change until every socket had been told the grade that the LMS has, and every dashboard showed it. */
  currentAfterMs: number;
  /** Empty: nobody was refused, and no change was lost. */
  problems: string[];
}

const courseKey = 'course-v1:Seed+C00001+2026';
const steadySeconds = 3;
const changePauseMs = 50;
const currentDeadlineMs = 60_000;

/**
 * Has grades change in the LMS all the time, while learners follow them by sockets and look at their dashboards, and takes away first Redis,
 * which the LMS tells by and answers are shared by, then PostgreSQL's listener. When either is back, everybody must come to know what is so.
 */
export async function runSilence(options: SilenceOptions): Promise<SilenceReport[]> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedisServer());
  const halves = stack.use(
    await Halves.create({
      home: options.home,
      env: {
        REDIS_URL: redis.url,
        OPENEDX_EVENT_BUS_REDIS_URL: redis.url,
        OPENEDX_EVENT_BUS_TOPICS: 'learning',
        LMS_ENROLLMENT_CALLS_PER_MINUTE: '100000',
        DISABLE_SCHEDULES: 'all',
      },
      sandboxEnv: { SANDBOX_BUS_URL: redis.url, SANDBOX_BUS_TOPIC: 'learning' },
    }),
  );
  const usernames = Array.from({ length: options.followers }, (_, at) => `learner${String(at + 1).padStart(5, '0')}`);
  await halves.pullLever('/_sandbox/settings', { throttles: false });
  await halves.pullLever('/_sandbox/seed', { users: usernames.length, courses: 1, enrollmentsPerUser: 1 }, 'POST');
  const { config, secrets } = loadConfig(halves.settings);
  const context = stack.use(await createContext({ config, secrets, logger: createLogger('silent') }));
  await halves.start('web');
  await halves.start('worker');
  const followers = await createFollowers(context, halves.url, usernames);
  for (const follower of followers) stack.use(follower);
  const site = { halves, redis, followers, seconds: options.seconds };
  return [await takeAway('Redis', site), await takeAway('listener', site)];
}

interface Site {
  halves: Halves;
  redis: RedisServer;
  followers: readonly Follower[];
  seconds: number;
}

async function takeAway(carrier: Carrier, { halves, redis, followers, seconds }: Site): Promise<SilenceReport> {
  const random = createRandom(carrier.length);
  const inLms = new Map<string, number>();
  const report: SilenceReport = { carrier, changes: 0, looks: {}, longestLookMs: 0, currentAfterMs: 0, problems: [] };
  let isAway = false;
  let isOver = false;
  const changing = (async () => {
    while (!isOver) {
      const { username } = followers[Math.floor(random() * followers.length)] ?? { username: '' };
      // Passed, so that the LMS tells of it; never the grade before, so that it is news.
      let percent = inLms.get(username);
      while (percent === inLms.get(username)) percent = 0.5 + Math.floor(random() * 50) / 100;
      await halves.pullLever('/_sandbox/grades', { username, courseKey, percent, letterGrade: 'Pass' });
      inLms.set(username, percent ?? 0);
      report.changes += 1;
      await pause(changePauseMs / 1000);
    }
  })();
  const looking = followers.slice(0, 4).map(async (follower) => {
    while (!isOver) {
      const wasAway = isAway;
      const begunAt = performance.now();
      const { status } = await follower.look(courseKey);
      if (!wasAway) continue;
      report.looks[status] = (report.looks[status] ?? 0) + 1;
      report.longestLookMs = Math.max(report.longestLookMs, performance.now() - begunAt);
    }
  });
  await pause(steadySeconds);
  isAway = true;
  if (carrier === 'Redis') {
    await redis.kill();
    await pause(seconds);
    await redis.start();
  } else await cutListeners(halves.databaseUrl, seconds);
  isAway = false;
  await pause(steadySeconds);
  isOver = true;
  await Promise.all([changing, ...looking]);

  const endedAt = performance.now();
  const behind = async () => {
    const changed = followers.filter(({ username }) => inLms.has(username));
    const seen = await Promise.all(
      changed.map(async (follower) => {
        const percent = inLms.get(follower.username);
        const { percent: shown } = await follower.look(courseKey);
        return shown === percent && follower.told() === percent
          ? []
          : [`${follower.username}: ${percent} in the LMS, ${shown} shown, ${follower.told()} told`];
      }),
    );
    return seen.flat();
  };
  let left = await behind();
  while (left.length > 0 && performance.now() - endedAt < currentDeadlineMs) {
    await pause(0.2);
    left = await behind();
  }
  report.currentAfterMs = performance.now() - endedAt;
  report.problems.push(...left);
  for (const [status, count] of Object.entries(report.looks))
    if (status !== '200') report.problems.push(`${count} dashboards were answered with ${status}`);
  return report;
}

/** Whoever listens is cut off as soon as they are back. */
async function cutListeners(databaseUrl: string, seconds: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const until = performance.now() + seconds * 1000;
    while (performance.now() < until) {
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
        feedName,
      ]);
      await pause(0.05);
    }
  } finally {
    await client.end();
  }
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
