import { afterAll, beforeAll, expect, test } from 'vitest';
import { addUser } from '../../../sandbox/lms/population.js';
import type { Account } from '../../../src/entities/account.entity.js';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import type { ImportRecord } from '../../../src/services/account-import/row.js';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { connect } from '../../support/graph-socket.js';

const demoRun = 'course-v1:edX+DemoX+Demo_Course';
const query = 'subscription { gradeChanged { grade { percent } courseRun { courseKey } } }';

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite({
    worker: true,
    eventBus: 'loopback',
    env: { OPENEDX_ADOPT_ACCOUNTS: 'automatic' },
  });
});
afterAll(() => site[Symbol.asyncDispose]());

const linkOf = ({ id }: Account) => site.gateway.context.orm.em.fork().findOneOrFail(EdxLinkEntity, { accountId: id });
const findAccount = async (username: string) => {
  const account = await site.gateway.context.services.accounts.findByUsername(username);
  if (!account) throw new Error(`there is no ${username}`);
  return account;
};
async function* lines(records: readonly ImportRecord[]) {
  for (const [index, record] of records.entries()) yield { number: index + 2, record };
}

/** Somebody in the LMS, enrolled; no event tells of it. */
function inLms(username: string, email: string) {
  const { state } = site.gateway.sandbox;
  state.atomically(() => {
    addUser(state, {
      username,
      email,
      name: username,
      passwordHash: 'none',
      dateJoined: '2020-01-01T00:00:00Z',
      isActive: true,
    });
    const enrollment = { mode: 'audit', isActive: true, created: '2020-01-01T00:00:00Z', attributes: [] };
    state.putEnrollment({ ...enrollment, id: state.nextId('enrollment'), username, courseKey: demoRun });
  });
}

/** The LMS grades somebody, and tells of nothing else. @returns what their subscription is told */
async function gradeAndListen(account: Account, lmsUsername: string, percent: number) {
  const { token } = await site.caller(account, 'learning:read');
  await using connection = connect({ url: site.url, connectionParams: { Authorization: `Bearer ${token}` } });
  await using subscribed = connection.subscribe<{ gradeChanged: unknown }>(query);
  const next = subscribed.next();
  await eventually('the subscription is there', async () => {
    const metric = await site.gateway.context.metrics.getSingleMetric('portico_graphql_subscriptions')?.get();
    return metric?.values[0]?.value === 1;
  });
  await site.lms.grade({ username: lmsUsername, courseKey: demoRun, percent, letterGrade: 'A' });
  return (await next).data?.gradeChanged;
}
const graded = (percent: number) => ({ grade: { percent }, courseRun: { courseKey: demoRun } });

test('a grade reaches a learner of the demo of whom the LMS has told nothing before', async () => {
  const ada = await site.aPerson({ username: 'ada' });
  expect((await linkOf(ada)).edxUserId).toBeNull();
  expect(await gradeAndListen(ada, 'ada', 0.87)).toEqual(graded(0.87));
  expect((await linkOf(ada)).edxUserId).toBe(site.gateway.sandbox.state.user('ada')?.id);
});

test('a grade reaches learners who were imported, also under another e-mail address than the LMS has', async () => {
  inLms('ines', 'ines@school.example');
  inLms('igor', 'igor@school.example');
  const records = [
    { social_uid: 'ines', username: 'ines', edx_username: 'ines', email: 'ines@school.example', name: 'Ines' },
    { social_uid: 'igor', username: 'igor', edx_username: 'igor', email: 'igor@home.example', name: 'Igor' },
  ];
  const { services } = site.gateway.context;
  expect(await services.accountImport.run(lines(records), {})).toMatchObject({ created: 2, failed: 0 });
  for (const [index, { username }] of records.entries()) {
    const percent = 0.71 + index / 100;
    expect(await gradeAndListen(await findAccount(username), username, percent)).toEqual(graded(percent));
  }
});

test('a grade reaches a learner whose LMS user was adopted', async () => {
  inLms('ben_lms', 'ben@example.org');
  const ben = await site.gateway.context.services.accounts.create(
    {
      username: 'ben',
      email: 'ben@example.org',
      name: 'Ben',
      isEmailVerified: true,
      password: 'correct horse battery 1',
    },
    systemActor,
  );
  await eventually('he is adopted', async () => (await linkOf(ben)).state === 'LINKED');
  expect(await linkOf(ben)).toMatchObject({
    edxUsername: 'ben_lms',
    edxUserId: site.gateway.sandbox.state.user('ben_lms')?.id,
  });
  expect(await gradeAndListen(ben, 'ben_lms', 0.66)).toEqual(graded(0.66));
});
