import pg from 'pg';
import { changeChannel } from '../../src/changes/change.js';
import { AccountEntity } from '../../src/entities/account.entity.js';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import { createOrm } from '../../src/entities/orm.js';
import { toGlobalId } from '../../src/resolvers/global-id.js';
import { type BenchPart, type BenchSetting, table } from './part.js';
import { startStage } from './stage.js';
import { openSubscribers } from './subscribers/crowd.js';

interface Crowd {
  groups: number;
  perGroup: number;
  /** Of the twenty whom a member of staff follows. */
  subscriptionsPerSocket: number;
  /** For how long each group has an event a second. */
  seconds: number;
}

const whole = { groups: 100, perGroup: 100, seconds: 30 };
const quick = { groups: 20, perGroup: 50, seconds: 5 };
const promisedPerProcessorSecond = 100_000;
/** Whom a member of staff follows; as many connections as one caller may have. */
const followedEach = 20;
const query = `subscription Link($id: ID!) { edxLinkChanged(accountId: $id) {
  id state stateSince edxUsername account { username } } }`;

const busySeconds = 10;

/**
 * Ten thousand subscribers on one process, a hundred for each of a hundred learners whom they follow, each learner with an event a
 * second: each on a socket of its own, and twenty on one as a page of staff has them. Then, with the same sockets, events as fast as they are delivered: what a processor can do, heartbeats included.
 */
export const subscribers: BenchPart = {
  name: 'subscribers',
  async run(setting) {
    const size = setting.isQuick ? quick : whole;
    const results = [];
    for (const subscriptionsPerSocket of [1, followedEach])
      results.push(await follow({ ...size, subscriptionsPerSocket }, setting));
    return {
      text: results.map(({ text }) => text).join('\n\n'),
      isKept:
        results.every(({ isWhole }) => isWhole) &&
        (setting.isQuick || results.some(({ perSecond }) => perSecond >= promisedPerProcessorSecond)),
    };
  },
};

async function follow(crowd: Crowd, setting: BenchSetting) {
  const { steady, busy, messageBytes, bytesEach, idleMsPerSecond } = await measure(crowd, setting);
  const subscribers = crowd.groups * crowd.perGroup;
  return {
    isWhole: [steady, busy].every(({ events, delivered }) => delivered === events * crowd.perGroup),
    perSecond: perProcessorSecond(busy),
    text: [
      `${subscribers} subscribers on ${subscribers / crowd.subscriptionsPerSocket} sockets of ${subscribers / followedEach} members of staff, ${crowd.groups} groups of ${crowd.perGroup} equal subscriptions; a message has ${messageBytes} bytes. A subscriber costs ${(bytesEach / 1024).toFixed(1)} KiB of memory, and all of them together, while nothing happens, ${idleMsPerSecond.toFixed(0)} ms of processor a second.`,
      '',
      table(
        [
          '',
          'events',
          'messages delivered',
          'missing',
          'messages a second',
          'processor busy, %',
          'messages per processor second',
        ],
        [
          [`one event a second for each group, ${crowd.seconds} s`, ...rowOf(steady, crowd)],
          [`as fast as they are delivered, ${busySeconds} s`, ...rowOf(busy, crowd)],
        ],
      ),
    ].join('\n'),
  };
}

interface Deliveries {
  events: number;
  delivered: number;
  processorMs: number;
  wallMs: number;
}

function rowOf(deliveries: Deliveries, { perGroup }: Crowd): number[] {
  const { events, delivered, processorMs, wallMs } = deliveries;
  const busyPercent = (processorMs / wallMs) * 100;
  return [
    events,
    delivered,
    events * perGroup - delivered,
    Math.round(delivered / (wallMs / 1000)),
    Math.round(busyPercent),
    Math.round(perProcessorSecond(deliveries)),
  ];
}

function perProcessorSecond({ delivered, processorMs }: Deliveries): number {
  return delivered / (processorMs / 1000);
}

async function measure({ groups, perGroup, seconds, subscriptionsPerSocket }: Crowd, setting: BenchSetting) {
  await using stack = new AsyncDisposableStack();
  const databaseUrl = await setting.newDatabase();
  const staff = Array.from({ length: (groups * perGroup) / followedEach }, (_, n) => `staff${n}`);
  const learners = Array.from({ length: groups }, (_, n) => `learner${n}`);
  const stage = stack.use(await startStage({ databaseUrl, server: setting.server, people: [...staff, ...learners] }));
  const subjects = await appointStaff(databaseUrl, staff, learners);
  const tokens: string[] = [];
  for (const username of staff) tokens.push(await stage.tokenOf(username, ['accounts:read']));
  setting.tell(`${tokens.length} members of staff have their tokens`);

  const bytesBefore = stage.residentBytes() ?? 0;
  const crowd = stack.use(
    await openSubscribers({
      url: stage.url,
      // Each member of staff follows twenty learners; each learner is followed by as many members of staff as a group has.
      sockets: tokens.flatMap((token, n) => {
        const ids = Array.from({ length: followedEach }, (_, k) => subjects[(n * followedEach + k) % groups]?.globalId);
        return Array.from({ length: followedEach / subscriptionsPerSocket }, (_, at) => ({
          token,
          ids: ids.slice(at * subscriptionsPerSocket, (at + 1) * subscriptionsPerSocket),
        }));
      }),
      query,
      tell: setting.tell,
    }),
  );
  const bytesEach = ((stage.residentBytes() ?? 0) - bytesBefore) / (groups * perGroup);

  const idleFrom = stage.processorMs() ?? 0;
  await pause(10_000);
  const idleMsPerSecond = ((stage.processorMs() ?? 0) - idleFrom) / 10;

  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  stack.defer(() => client.end());
  const announce = async (some: typeof subjects) => {
    const changes = some.map(({ accountId, edxLinkId }) => JSON.stringify({ topic: 'edx-link', accountId, edxLinkId }));
    await client.query('select pg_notify($1, change) from unnest($2::text[]) as change', [changeChannel, changes]);
  };
  /** @param send - @returns how many events it sent */
  const watch = async (send: (begunAt: number) => Promise<number>): Promise<Deliveries> => {
    const before = crowd.delivered();
    const processorFrom = stage.processorMs() ?? 0;
    const begunAt = performance.now();
    const events = await send(begunAt);
    await crowd.settled(before + events * perGroup);
    return {
      events,
      delivered: crowd.delivered() - before,
      processorMs: (stage.processorMs() ?? 0) - processorFrom,
      wallMs: performance.now() - begunAt,
    };
  };
  const steady = await watch(async (begunAt) => {
    for (let second = 0; second < seconds; second++)
      for (const [n, subject] of subjects.entries()) {
        const early = begunAt + (second + n / groups) * 1000 - performance.now();
        if (early > 0) await pause(early);
        await announce([subject]);
      }
    return seconds * groups;
  });
  // As a job for many learners announces them. The next of a group only when the one before has come: otherwise several are told as one.
  const busy = await watch(async (begunAt) => {
    const base = crowd.delivered();
    let events = 0;
    while (performance.now() - begunAt < busySeconds * 1000) {
      await announce(subjects);
      events += groups;
      await crowd.settled(base + events * perGroup);
    }
    return events;
  });
  return { steady, busy, messageBytes: crowd.messageBytes(), bytesEach, idleMsPerSecond };
}

/** @returns whom to follow */
async function appointStaff(databaseUrl: string, staff: readonly string[], learners: readonly string[]) {
  const orm = createOrm({ url: databaseUrl, poolSize: 1 });
  try {
    const em = orm.em.fork();
    await em.nativeUpdate(AccountEntity, { username: { $in: [...staff] } }, { roles: ['STAFF'] });
    const accounts = await em.find(AccountEntity, { username: { $in: [...learners] } });
    const links = await em.find(EdxLinkEntity, { accountId: { $in: accounts.map(({ id }) => id) } });
    return links.map(({ id, accountId }) => ({
      accountId,
      edxLinkId: id,
      globalId: toGlobalId('Account', accountId),
    }));
  } finally {
    await orm.close();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
