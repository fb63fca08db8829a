import { expect, test } from 'vitest';
import type { Change } from '../../../src/changes/change.js';
import type { ChangeFeed, FeedGap } from '../../../src/changes/change-feed.js';
import { createLogger } from '../../../src/logger.js';
import { createChangeTopics } from '../../../src/resolvers/subscription/change-topics.js';

/** A feed that the test speaks through. */
function feedOfTest() {
  const listeners = new Set<(change: Change) => void>();
  const resyncs = new Set<(gap: FeedGap) => void>();
  const changes: ChangeFeed = {
    connection: () => undefined,
    tellOwn: () => {},
    everyoneHeard: async () => {},
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onResync: (listener) => {
      resyncs.add(listener);
      return () => resyncs.delete(listener);
    },
    async [Symbol.asyncDispose]() {},
  };
  return {
    changes,
    listenerCount: () => listeners.size + resyncs.size,
    say: (change: Change) => {
      for (const listener of listeners) listener(change);
    },
    resync: (since = new Date()) => {
      for (const listener of resyncs) listener({ since });
    },
  };
}
const enrollment = (accountId: string, enrollmentId: string) =>
  ({ topic: 'enrollment', accountId, enrollmentId, courseKey: 'course-v1:a+b+c' }) as const;
const nothingMissed = async () => [];
const topicsOf = (changes: ChangeFeed) => createChangeTopics({ changes, logger: createLogger('silent') });

test('a subscriber hears of the account it follows and of no other', async () => {
  const feed = feedOfTest();
  using topics = topicsOf(feed.changes);
  const followed = topics.follow({ topic: 'enrollment', subject: 'ada', catchUp: nothingMissed });
  const next = followed.next();
  feed.say(enrollment('grace', '1'));
  feed.say({ topic: 'edx-link', accountId: 'ada', edxLinkId: '1' });
  feed.say(enrollment('ada', '2'));
  expect((await next).value).toMatchObject({ accountId: 'ada', enrollmentId: '2' });
});

test('what waits is kept in order, and the same change once', async () => {
  const feed = feedOfTest();
  using topics = topicsOf(feed.changes);
  const followed = topics.follow({ topic: 'enrollment', subject: 'ada', catchUp: nothingMissed });
  for (const id of ['1', '2', '1', '1']) feed.say(enrollment('ada', id));
  expect((await followed.next()).value?.enrollmentId).toBe('1');
  expect((await followed.next()).value?.enrollmentId).toBe('2');
  const waiting = followed.next();
  feed.say(enrollment('ada', '3'));
  expect((await waiting).value?.enrollmentId).toBe('3');
});

test('returning ends a subscriber at once, also while it waits', async () => {
  const feed = feedOfTest();
  using topics = topicsOf(feed.changes);
  const followed = topics.follow({ topic: 'enrollment', subject: 'ada', catchUp: nothingMissed });
  const waiting = followed.next();
  expect(topics.followerCount()).toBe(1);
  await followed.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await followed.next()).toEqual({ done: true, value: undefined });
  expect(topics.followerCount()).toBe(0);
});

test('after a gap in the feed a subscriber gets what it may have missed', async () => {
  const feed = feedOfTest();
  using topics = topicsOf(feed.changes);
  const followed = topics.follow({
    topic: 'enrollment',
    subject: 'ada',
    catchUp: async () => [enrollment('ada', '7')],
  });
  const next = followed.next();
  feed.resync();
  expect((await next).value?.enrollmentId).toBe('7');
});

test('catching up goes on until it is answered, and for all that was missed', async () => {
  const feed = feedOfTest();
  using topics = topicsOf(feed.changes);
  const asked: Date[] = [];
  const catchUp = async (since: Date) => {
    asked.push(since);
    if (asked.length < 3) throw new Error('the database is away');
    return [enrollment('ada', '8')];
  };
  const followed = topics.follow({ topic: 'enrollment', subject: 'ada', catchUp });
  const [first, second] = [new Date(1000), new Date(2000)];
  feed.resync(first);
  feed.resync(second);
  expect((await followed.next()).value?.enrollmentId).toBe('8');
  expect(asked).toEqual([first, first, first]);
});

test('a grade is heard of by its learner and by its course run; of two changes of one grade the later one is told', async () => {
  const feed = feedOfTest();
  using topics = topicsOf(feed.changes);
  const grade = (accountId: string, courseKey: string) =>
    ({ topic: 'grade', accountId, courseKey, lmsUsername: accountId }) as const;
  const ofRun = topics.follow({ topic: 'grade', subject: 'a+b+c', catchUp: nothingMissed });
  const ofAda = topics.follow({
    topic: 'grade',
    subject: 'ada',
    accepts: ({ courseKey }) => courseKey === 'd+e+f',
    catchUp: nothingMissed,
  });
  for (const change of [grade('ada', 'a+b+c'), grade('grace', 'a+b+c'), grade('ada', 'a+b+c'), grade('ada', 'd+e+f')])
    feed.say(change);
  expect((await ofRun.next()).value).toEqual(grade('ada', 'a+b+c'));
  expect((await ofRun.next()).value).toEqual(grade('grace', 'a+b+c'));
  expect((await ofAda.next()).value).toEqual(grade('ada', 'd+e+f'));
});

test('many subscribers cost the feed one listener, and none after the end', () => {
  const feed = feedOfTest();
  const topics = topicsOf(feed.changes);
  for (let n = 0; n < 50; n++) topics.follow({ topic: 'enrollment', subject: `account-${n}`, catchUp: nothingMissed });
  expect(feed.listenerCount()).toBe(2);
  topics[Symbol.dispose]();
  expect(feed.listenerCount()).toBe(0);
  expect(topics.followerCount()).toBe(0);
});
