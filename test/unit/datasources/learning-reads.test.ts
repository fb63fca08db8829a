import { describe, expect, test } from 'vitest';
import type { Change } from '../../../src/changes/change.js';
import type { FeedGap } from '../../../src/changes/change-feed.js';
import { rosterPageNameOf } from '../../../src/datasources/enrollment/roster-page.js';
import type { KeyedAnswers } from '../../../src/datasources/keyed-answers.js';
import { createLearningReads } from '../../../src/datasources/learning-reads.js';
import type { LmsEnrollment } from '../../../src/datasources/lms/enrollments.js';
import type { LmsApi } from '../../../src/datasources/lms/lms-api.js';
import { unavailable } from '../../../src/datasources/upstream/failure.js';
import { createLogger } from '../../../src/logger.js';

const request = { purpose: 'request' } as const;

/** The learning reads over an LMS in memory that counts what it is asked. */
function someReads() {
  const state = {
    nowMs: Date.parse('2026-11-25T00:00:00Z'),
    isDown: false,
    version: 0,
    scarcity: 0,
    isOwnRefused: false,
  };
  const calls: string[] = [];
  const listeners = { change: [] as ((change: Change) => void)[], resync: [] as ((gap: FeedGap) => void)[] };
  const answer = <V>(kind: string, keys: readonly string[], value: (key: string) => V): KeyedAnswers<V> => {
    calls.push(`${kind} ${keys.join(',')}`);
    if (state.isDown) throw unavailable('lms', 'timeout');
    return new Map(
      keys.map((key) => [
        key.toLowerCase(),
        key === 'broken' ? { error: unavailable('lms', 'bad-answer') } : { value: value(key) },
      ]),
    );
  };
  const enrollment = (username: string, courseKey: string): LmsEnrollment => ({
    username,
    courseKey,
    mode: `v${state.version}`,
    isActive: true,
    createdAt: null,
  });
  const api: Pick<LmsApi, 'identity' | 'timeouts' | 'clock' | 'keyed' | 'scarcity' | 'ownEnrollments'> = {
    identity: 'test',
    timeouts: { tryMs: 3000, requestMs: 8000, jobMs: 60_000 },
    clock: () => new Date(state.nowMs),
    scarcity: () => state.scarcity,
    ownEnrollments: async (username, accessToken) => {
      calls.push(`own ${username} ${accessToken}`);
      if (state.isOwnRefused) throw unavailable('lms', 'throttled');
      return [enrollment(username, 'own')];
    },
    keyed: {
      readEnrollmentsOfUsers: async (keys) =>
        answer('enrollments', keys, (name) => [enrollment(name, 'c1'), enrollment(name, 'c2')]),
      readEnrollmentPairs: async (pairs) => {
        if (pairs.length === 0) return new Map();
        calls.push(`pairs ${pairs.map((pair) => `${pair.username}:${pair.courseKey}`).join(',')}`);
        return new Map(
          pairs.map((pair) => [
            `${pair.username} ${pair.courseKey}`,
            state.isDown
              ? { error: unavailable('lms', 'timeout') }
              : { value: enrollment(pair.username, pair.courseKey) },
          ]),
        );
      },
      readCourses: async (keys) => answer('courses', keys, () => undefined),
      readGrades: async (keys) => {
        calls.push(`grades ${keys.map((key) => key.username).join(',')}`);
        return new Map(keys.map((key) => [`${key.username.toLowerCase()} ${key.courseKey}`, { value: undefined }]));
      },
      readCertificates: async (keys) => answer('certificates', keys, () => []),
      readRosterPages: async (pages) =>
        new Map(pages.map((page) => [rosterPageNameOf(page), { value: { rows: [], cursor: undefined } }])),
      readCourseModes: async (keys) => answer('modes', keys, () => []),
      readIdentities: async (keys) =>
        answer(
          'identities',
          keys.map(({ username }) => username),
          () => undefined,
        ),
      readAccounts: async (keys) => answer('accounts', keys, () => undefined),
      readProgress: async (keys) =>
        new Map(keys.map(({ username, courseKey }) => [`${username} ${courseKey}`, { value: undefined }])),
      readSubsections: async (keys) =>
        new Map(keys.map(({ username, courseKey }) => [`${username} ${courseKey}`, { value: undefined }])),
      readMappings: async (keys) => answer('mappings', keys, (remoteId) => ({ remoteId, username: `edx-${remoteId}` })),
    },
  };
  const reads = createLearningReads({
    api: api as LmsApi,
    clock: api.clock,
    logger: createLogger('silent'),
    changes: {
      subscribe: (listener) => {
        listeners.change.push(listener);
        return () => {
          listeners.change = listeners.change.filter((each) => each !== listener);
        };
      },
      onResync: (listener) => {
        listeners.resync.push(listener);
        return () => {
          listeners.resync = listeners.resync.filter((each) => each !== listener);
        };
      },
    },
  });
  return { reads, state, calls, listeners };
}

describe('the loaders of a request', () => {
  test('keys of one tick are one read, answered in their order; one bad key fails for itself', async () => {
    const { reads, calls } = someReads();
    const { mapping } = reads.forRequest(request);
    const [first, broken, second] = await Promise.allSettled(['b', 'broken', 'a'].map((id) => mapping.load(id)));
    expect(first).toMatchObject({ value: { value: { remoteId: 'b' }, stale: false, source: 'lms' } });
    expect(broken).toMatchObject({ reason: { why: 'bad-answer' } });
    expect(second).toMatchObject({ value: { value: { remoteId: 'a' } } });
    expect(calls).toEqual(['mappings b,broken,a']);
  });

  test('what one request has read costs the next one nothing', async () => {
    const { reads, calls } = someReads();
    await reads.forRequest(request).enrollmentsOf.load('ann');
    await reads.forRequest(request).enrollmentsOf.load('ANN');
    expect(calls).toEqual(['enrollments ann']);
  });

  test('grades are told apart by learner and course run', async () => {
    const { reads, calls } = someReads();
    const { grade } = reads.forRequest(request);
    await Promise.all([
      grade.load({ username: 'ann', courseKey: 'c1' }),
      grade.load({ username: 'Ann', courseKey: 'c1' }),
      grade.load({ username: 'ann', courseKey: 'c2' }),
    ]);
    expect(calls).toEqual(['grades ann,ann']);
  });

  test('a single enrollment of a learner whose rows are all at hand costs no call', async () => {
    const { reads, calls } = someReads();
    const loaders = reads.forRequest(request);
    await loaders.enrollmentsOf.load('ann');
    expect((await loaders.enrollment.load({ username: 'ann', courseKey: 'c2' })).value).toMatchObject({
      courseKey: 'c2',
    });
    expect((await loaders.enrollment.load({ username: 'ann', courseKey: 'c9' })).value).toBeUndefined();
    expect(calls).toEqual(['enrollments ann']);
    expect((await loaders.enrollment.load({ username: 'bob', courseKey: 'c1' })).value).toMatchObject({
      username: 'bob',
    });
    expect(calls[1]).toBe('pairs bob:c1');
  });

  test('in an outage seen values are stale with a reason in upstreamTrouble, unseen ones reject', async () => {
    const { reads, state } = someReads();
    await reads.forRequest(request).enrollmentsOf.load('ann');
    const seenAt = new Date(state.nowMs);
    state.isDown = true;
    state.nowMs += 3_600_000;
    const loaders = reads.forRequest(request);
    expect(loaders.upstreamTrouble()).toEqual([]);
    const [ann, bob] = await Promise.allSettled([loaders.enrollmentsOf.load('ann'), loaders.enrollmentsOf.load('bob')]);
    expect(ann).toMatchObject({ status: 'fulfilled', value: { stale: true, asOf: seenAt } });
    expect(bob).toMatchObject({ status: 'rejected', reason: { code: 'UPSTREAM_UNAVAILABLE' } });
    const pair = await loaders.enrollment.load({ username: 'ann', courseKey: 'c1' });
    expect(pair).toMatchObject({ stale: true, value: { courseKey: 'c1' } });
    expect(loaders.upstreamTrouble()).toEqual([{ upstream: 'lms', code: 'timeout', since: new Date(state.nowMs) }]);
    expect(reads.forRequest(request).upstreamTrouble()).toEqual([]);
  });
});

describe("a learner's own page while the service worker's budget is scarce", () => {
  const findOwn = async () => ({ lmsUsername: 'Ann', accessToken: 'token' });

  test('it is read in their own name, for them alone: nobody else is answered with it', async () => {
    const { reads, state, calls } = someReads();
    state.scarcity = 0.95;
    const own = await reads.forRequest(request, findOwn).enrollmentsOf.load('ann');
    expect(own).toMatchObject({ value: [{ courseKey: 'own' }], stale: false });
    expect((await reads.forRequest(request).enrollmentsOf.load('ann')).value).toHaveLength(2);
    expect(calls).toEqual(['own Ann token', 'enrollments ann']);
  });

  test('others are never read in their name', async () => {
    const { reads, state, calls } = someReads();
    state.scarcity = 0.95;
    await reads.forRequest(request, findOwn).enrollmentsOf.load('bob');
    expect(calls).toEqual(['enrollments bob']);
  });

  test('what is known costs no call, and while calls are plentiful the service worker asks', async () => {
    const { reads, state, calls } = someReads();
    await reads.forRequest(request, findOwn).enrollmentsOf.load('ann');
    state.scarcity = 0.95;
    await reads.forRequest(request, findOwn).enrollmentsOf.load('ann');
    expect(calls).toEqual(['enrollments ann']);
  });

  test('a token that has ended, or is throttled itself, costs them nothing', async () => {
    const { reads, state, calls } = someReads();
    state.scarcity = 0.95;
    state.isOwnRefused = true;
    expect((await reads.forRequest(request, findOwn).enrollmentsOf.load('ann')).value).toHaveLength(2);
    expect(calls).toEqual(['own Ann token', 'enrollments ann']);
  });
});

describe('invalidation', () => {
  test('after a write the learner is read again', async () => {
    const { reads, state } = someReads();
    await reads.forRequest(request).enrollmentsOf.load('ann');
    state.version = 1;
    reads.invalidate({ enrollmentsOf: ['ANN'], grade: { username: 'ann', courseKey: 'c1' }, certificatesOf: 'ann' });
    const { value } = await reads.forRequest(request).enrollmentsOf.load('ann');
    expect(value[0]?.mode).toBe('v1');
  });

  test('a change committed by another process invalidates here, by the names the LMS knows', async () => {
    const { reads, state, calls, listeners } = someReads();
    const load = async () => {
      const loaders = reads.forRequest(request);
      await Promise.all([
        loaders.enrollmentsOf.load('ann'),
        loaders.lmsUser.load('ann'),
        loaders.mapping.load('portico-ann'),
      ]);
    };
    await load();
    state.version = 1;
    for (const tell of listeners.change)
      tell({ topic: 'enrollment', accountId: '1', enrollmentId: '2', courseKey: 'c1', lmsUsername: 'ann' });
    calls.length = 0;
    await load();
    expect(calls).toEqual(['enrollments ann']);
    for (const tell of listeners.change)
      tell({ topic: 'edx-link', accountId: '1', edxLinkId: '3', lmsUsername: 'ann', remoteId: 'portico-ann' });
    calls.length = 0;
    await load();
    expect(calls).toEqual(['accounts ann', 'mappings portico-ann']);
  });

  test('after a gap in the feed everything is read again, and a disposed reader listens no more', async () => {
    const { reads, calls, listeners } = someReads();
    await reads.forRequest(request).mapping.load('a');
    for (const tell of listeners.resync) tell({ since: new Date() });
    await reads.forRequest(request).mapping.load('a');
    expect(calls).toEqual(['mappings a', 'mappings a']);
    reads[Symbol.dispose]();
    expect(listeners).toEqual({ change: [], resync: [] });
  });
});
