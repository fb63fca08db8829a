import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Change } from '../../../src/changes/change.js';
import type { LmsEvent } from '../../../src/services/lms-event/lms-event.js';
import { askGraph, dataOf, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';

const courseKey = 'course-v1:edX+DemoX+Demo_Course';
const dashboard = '{ viewer { enrollments(first: 50) { nodes { grade { percent } certificate { status } } } } }';

let site: GraphSite;
let accountId: string;
let ada: GraphCaller;
const heard: Change[] = [];
beforeAll(async () => {
  site = await startGraphSite({ eventBus: 'loopback' });
  const account = await site.aPerson({ username: 'ada' });
  accountId = account.id;
  ada = await site.caller(account, 'learning:read');
  site.gateway.context.changes.subscribe((change) => heard.push(change));
});
afterAll(() => site[Symbol.asyncDispose]());

/** What was announced since the last time, of this learner: once or, where the following took long and was done again, twice. */
const announced = async () => {
  await site.gateway.context.changes.everyoneHeard();
  const topics = heard
    .splice(0)
    .filter((change) => 'accountId' in change && change.accountId === accountId)
    .map(({ topic }) => topic);
  return [...new Set(topics)].sort();
};
const tell = async () => {
  const { lmsEvents, learningHints } = site.gateway.context.services;
  const user = { lmsUserId: site.gateway.sandbox.state.user('ada')?.id ?? 0, lmsUsername: 'ada' };
  const events = (['enrollment', 'grade', 'certificate'] as const).map(
    (about): LmsEvent => ({ about, user, courseKey }),
  );
  await lmsEvents.take(events);
  await site.gateway.context.orm.em.fork().execute(`update learning_hint set due_at = now() - interval '1 minute'`);
  await learningHints.follow();
};

test('what somebody read before the LMS told of it is announced when it does, once it is old no more', async () => {
  await dataOf(askGraph(ada, dashboard));
  await site.gateway.context.lms.memory?.settled();
  expect(await announced()).toEqual([]);
  await tell();
  expect(await announced()).toEqual(['certificates', 'enrollment', 'grade']);

  for (const table of ['enrollment', 'course_grade', 'certificate'])
    await site.gateway.context.orm.em
      .fork()
      .execute(
        `update ${table} set created_at = created_at - interval '2 hours', updated_at = updated_at - interval '2 hours'`,
      );
  await tell();
  expect(await announced()).toEqual([]);
});
