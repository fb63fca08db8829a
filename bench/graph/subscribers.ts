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
  /** For how long each group has an event a second. */
  seconds: number;
}

const whole: Crowd = { groups: 100, perGroup: 100, seconds: 30 };
const quick: Crowd = { groups: 10, perGroup: 100, seconds: 5 };
const promisedPerProcessorSecond = 100_000;
/** As many connections as one caller may have. */
const socketsEach = 20;
const query = `subscription Link($id: ID!) { edxLinkChanged(accountId: $id) {
  id state stateSince edxUsername account { username } } }`;

/**
 * Ten thousand sockets on one process, a hundred for each of a hundred learners whom they follow, each learner with an event a
 * second. Then the same events without anybody who follows, and nobody but the heartbeats: what the deliveries cost is the rest.
 */
export const subscribers: BenchPart = {
  name: 'subscribers',
  async run(setting) {
    const crowd = setting.isQuick ? quick : whole;
    const measured = await measure(crowd, setting);
    const sockets = crowd.groups * crowd.perGroup;
    const perSecond = measured.delivered / (measured.processorMs / 1000);
    const isWhole = measured.delivered === measured.events * crowd.perGroup;
    const text = [
      `${sockets} sockets of ${sockets / socketsEach} members of staff, ${crowd.groups} groups of ${crowd.perGroup} equal subscriptions, one event a second for each group during ${crowd.seconds} s. A message has ${measured.messageBytes} bytes; the process was busy for ${((measured.processorMs / measured.wallMs) * 100).toFixed(0)} % of the time.`,
      '',
      table(
        [
          'events',
          'messages delivered',
          'missing',
          'messages per processor second',
          'KiB per subscriber',
          'idle, ms of processor a second',
        ],
        [
          [
            measured.events,
            measured.delivered,
            measured.events * crowd.perGroup - measured.delivered,
            Math.round(perSecond),
            (measured.bytesEach / 1024).toFixed(1),
            measured.idleMsPerSecond.toFixed(0),
          ],
        ],
      ),
    ].join('\n');
    return { text, isKept: setting.isQuick || (isWhole && perSecond >= promisedPerProcessorSecond) };
  },
};

async function measure({ groups, perGroup, seconds }: Crowd, setting: BenchSetting) {
  await using stack = new AsyncDisposableStack();
  const databaseUrl = await setting.newDatabase();
  const staff = Array.from({ length: (groups * perGroup) / socketsEach }, (_, n) => `staff${n}`);
  const learners = Array.from({ length: groups }, (_, n) => `learner${n}`);
  const stage = stack.use(await startStage({ databaseUrl, server: setting.server, people: [...staff, ...learners] }));
  const subjects = await appointStaff(databaseUrl, staff, learners);
  const tokens: string[] = [];
  for (const username of staff) tokens.push(await stage.tokenOf(username));
  setting.tell(`${tokens.length} members of staff have their tokens`);

  const bytesBefore = stage.residentBytes() ?? 0;
  const crowd = stack.use(
    await openSubscribers({
      url: stage.url,
      // Each member of staff follows twenty learners; each learner is followed by a hundred members of staff.
      sockets: tokens.flatMap((token, n) =>
        Array.from({ length: socketsEach }, (_, k) => ({
          token,
          id: subjects[(n * socketsEach + k) % groups]?.globalId,
        })),
      ),
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
  const processorFrom = stage.processorMs() ?? 0;
  const begunAt = performance.now();
  let events = 0;
  for (let second = 0; second < seconds; second++)
    for (const [n, { accountId, edxLinkId }] of subjects.entries()) {
      const dueMs = (second + n / groups) * 1000;
      const early = begunAt + dueMs - performance.now();
      if (early > 0) await pause(early);
      const change = JSON.stringify({ topic: 'edx-link', accountId, edxLinkId });
      await client.query('select pg_notify($1, $2)', [changeChannel, change]);
      events += 1;
    }
  await crowd.settled(events * perGroup);
  return {
    events,
    delivered: crowd.delivered(),
    messageBytes: crowd.messageBytes(),
    processorMs: (stage.processorMs() ?? 0) - processorFrom,
    wallMs: performance.now() - begunAt,
    bytesEach,
    idleMsPerSecond,
  };
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
