import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LearningLoaders } from '../../src/datasources/learning-loaders.js';
import type { Sourced } from '../../src/datasources/sourced.js';
import { eventually } from '../support/eventually.js';
import { type GraphSite, startGraphSite } from '../support/graph-site.js';
import { type Gateway, startGateway } from '../support/start-gateway.js';
import { type RedisServer, startRedisServer } from './redis-server.js';

const request = { purpose: 'request' } as const;
const course = 'course-v1:edX+DemoX+Demo_Course';

let redis: RedisServer;
/** Looks into it. */
let looker: Redis;
let site: GraphSite;
/** Another process of the same Portico. */
let second: Gateway;
beforeAll(async () => {
  redis = await startRedisServer();
  looker = new Redis(redis.url, { retryStrategy: () => 50 });
  looker.on('error', () => {});
  site = await startGraphSite({ env: { REDIS_URL: redis.url } });
  second = await startGateway({
    databaseUrl: site.gateway.context.config.database.url,
    env: { OPENEDX_API_BASE_URL: site.gateway.sandbox.lmsUrl, REDIS_URL: redis.url },
  });
  // They start without it, and connect beside what they do.
  await eventually('both are connected', async () => {
    const clients = String(await looker.client('LIST'));
    return clients.split('\n').filter((line) => line.includes(' name=portico')).length >= 2;
  });
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
  looker.disconnect();
  await redis[Symbol.asyncDispose]();
});

const loadersOf = ({ context }: Gateway) => context.lms.reads.forRequest(request);
const calls = async () =>
  (await site.lms.requests()).map(({ path }) => path).filter((path) => path.startsWith('/api/'));

/** Whether Redis holds an answer under a name that ends so; not the mere time of a change. */
async function isKept(ending: string): Promise<boolean> {
  try {
    const [key] = await looker.keys(`portico:answer:*${ending}`);
    return key !== undefined && ((await looker.get(key)) ?? '').includes(' ');
  } catch {
    return false;
  }
}

/** Loads by the first process, then by the second, which need not ask the LMS. */
async function askedOnce<Value>(
  ending: string,
  load: (loaders: LearningLoaders) => Promise<Sourced<Value>>,
): Promise<void> {
  const seen = await load(loadersOf(site.gateway));
  await eventually('Redis has it', () => isKept(ending));
  await site.lms.forgetRequests();
  expect(await load(loadersOf(second))).toEqual(seen);
  expect(await calls()).toEqual([]);
}

test('what one process has read of courses, accounts and mappings costs the other no call', async () => {
  await askedOnce(`courseRun ${course}`, ({ courseRun }) => courseRun.load(course));
  await askedOnce(`courseModes ${course}`, ({ courseModes }) => courseModes.load(course));
  await askedOnce('lmsUser ada', ({ lmsUser }) => lmsUser.load('ada'));
  await askedOnce('mapping ada', ({ mapping }) => mapping.load('ada'));
  await askedOnce('enrollmentsOf ada', ({ enrollmentsOf }) => enrollmentsOf.load('ada'));
});

test('what has changed is asked for anew, whatever Redis still holds', async () => {
  await loadersOf(site.gateway).lmsUser.load('ada');
  await site.lms.forgetRequests();
  second.context.lms.reads.invalidate({ lmsUser: 'ada' });
  await loadersOf(second).lmsUser.load('ada');
  expect(await calls()).toHaveLength(1);
});

test('losing Redis changes no answer; when it is back it is used again', async () => {
  await redis.kill();
  expect((await loadersOf(second).lmsUser.load('sam')).value).toMatchObject({ username: 'sam' });
  expect((await loadersOf(second).enrollmentsOf.load('sam')).stale).toBe(false);
  second.context.lms.reads.invalidate({ lmsUser: 'ada' });
  expect((await loadersOf(second).lmsUser.load('ada')).stale).toBe(false);
  await redis.start();
  const other = 'course-v1:edX+E2E-101+course';
  await eventually('the first process keeps its answers there again', async () => {
    site.gateway.context.lms.reads.invalidate({ courseRun: other });
    await loadersOf(site.gateway).courseRun.load(other);
    return isKept(`courseRun ${other}`);
  });
  await eventually('the second finds them', async () => {
    await site.lms.forgetRequests();
    await loadersOf(second).courseRun.load(other);
    return (await calls()).length === 0;
  });
});
