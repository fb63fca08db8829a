import { afterAll, beforeAll, expect, test } from 'vitest';
import { expandRoles } from '../../../src/access/viewer.js';
import { EnrollmentEntity } from '../../../src/entities/enrollment.entity.js';
import { RetirementEntity, retirementStepNames } from '../../../src/entities/retirement.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { Browser } from '../../support/browser.js';
import { eventually } from '../../support/eventually.js';
import { askGraph } from '../../support/gql.js';
import { type GraphSite, startGraphSite, testPassword } from '../../support/graph-site.js';

const operator = { actor: systemActor, roles: expandRoles(['ADMIN']) };
const openCourse = 'course-v1:DemoU+PHYS101+2026_T1';

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
});
afterAll(() => site[Symbol.asyncDispose]());

/** Somebody with an LMS user of their own, tied to them, and in one course there. */
async function enlisted(username: string) {
  const account = await site.aPerson({ username, isLinked: false });
  const { edxLinks, enrollments } = site.gateway.context.services;
  await edxLinks.create(account.id);
  expect(await edxLinks.find(account.id)).toMatchObject({ state: 'LINKED', edxUsername: username });
  const { id } = await enrollments.request({ accountId: account.id, courseKey: openCourse }, systemActor);
  await enrollments.perform(id);
  return account;
}

const stepsOf = async (accountId: string) => {
  const { retirements } = site.gateway.context.services;
  const [retirement] = await retirements.findByAccountIds([accountId]);
  const steps = await retirements.steps([retirement?.id ?? '']);
  return { ...retirement, steps: steps.map(({ name, outcome, reason }) => ({ name, outcome, reason })) };
};
const lmsUser = (username: string) => site.gateway.sandbox.state.user(username);

test('sign-in, sessions, tokens and grants end at once; the LMS retires its user; the person is erased', async () => {
  const { retirements, accounts, edxLinks } = site.gateway.context.services;
  const person = await enlisted('leaver');
  const token = await site.caller(person, 'learning:read user:read');
  const browser = new Browser(site.url);
  await browser.go('/login');
  await browser.submit({ identifier: 'leaver', password: testPassword });
  expect(browser.page?.url).toBe(`${site.url}/account`);

  expect(await retirements.retire(person.id, operator)).toMatchObject({ status: 'RETIRED' });
  expect((await askGraph(token, '{ viewer { username } }')).status).toBe(401);
  expect((await browser.go('/account')).url).toContain('/login');
  await browser.submit({ identifier: 'leaver', password: testPassword });
  expect(browser.page).toMatchObject({ status: 422, text: expect.stringContaining('closed for good') });

  expect(await retirements.run(person.id)).toBe(true);
  expect(await stepsOf(person.id)).toMatchObject({
    state: 'DONE',
    lastError: null,
    steps: [
      { name: 'END_ACCESS', outcome: 'DONE' },
      { name: 'LEAVE_LMS', outcome: 'DONE', reason: expect.stringContaining('queued the retirement') },
      { name: 'ERASE_DATA', outcome: 'DONE' },
      { name: 'ERASE_ADDRESSES', outcome: 'DONE' },
    ],
  });
  expect(lmsUser('leaver')).toMatchObject({ passwordHash: null, email: expect.stringContaining('@retired.invalid') });
  expect(await accounts.findById(person.id)).toMatchObject({
    username: 'leaver',
    name: 'Retired account',
    email: `retired-${person.id}@retired.invalid`,
    status: 'RETIRED',
    profile: {},
    roles: [],
  });
  const link = await edxLinks.find(person.id);
  expect(link).toMatchObject({ state: 'DEACTIVATED', edxUsername: 'leaver' });
  expect((await edxLinks.history([link?.id ?? ''])).at(-1)).toMatchObject({
    from: 'LINKED',
    to: 'DEACTIVATED',
    cause: 'retirement-queued-in-lms',
  });
  const em = site.gateway.context.orm.em.fork();
  expect(await em.find(EnrollmentEntity, { accountId: person.id })).toMatchObject([
    { courseKey: openCourse, state: 'INACTIVE', mode: 'audit' },
  ]);
  // Repeating is harmless.
  expect(await retirements.retire(person.id, operator)).toMatchObject({ status: 'RETIRED' });
  expect(await retirements.run(person.id)).toBe(true);
  expect((await stepsOf(person.id)).steps).toHaveLength(retirementStepNames.length);
});

test('the username stays taken, the e-mail address is free again', async () => {
  const { accounts } = site.gateway.context.services;
  const newcomer = { email: 'leaver@example.org', name: 'Somebody Else', isEmailVerified: true };
  await expect(accounts.create({ ...newcomer, username: 'Leaver' }, systemActor)).rejects.toMatchObject({
    reason: 'USERNAME_TAKEN',
  });
  expect(await accounts.create({ ...newcomer, username: 'newcomer' }, systemActor)).toMatchObject({
    email: 'leaver@example.org',
  });
});

test('an LMS that is down is waited for; staff see why, and nothing is erased before', async () => {
  const { retirements, accounts } = site.gateway.context.services;
  const person = await enlisted('waiter');
  await retirements.retire(person.id, operator);
  await site.lms.faults([{ match: '*', mode: 'down', times: 10_000 }]);
  expect(await retirements.run(person.id)).toBe(false);
  expect(await stepsOf(person.id)).toMatchObject({
    state: 'RUNNING',
    nextAttemptAt: expect.any(Date),
    lastError: { upstream: 'lms', retryable: true, code: expect.any(String) },
    steps: [{ name: 'END_ACCESS', outcome: 'DONE' }],
  });
  expect(await accounts.findById(person.id)).toMatchObject({ email: 'waiter@example.org', status: 'RETIRED' });
  const jobs = await site.gateway.context.orm.em
    .fork()
    .execute<{ payload: unknown }[]>('select payload from graphile_worker._private_jobs where key = ?', [
      `retire:${person.id}`,
    ]);
  expect(jobs).toEqual([{ payload: { accountId: person.id, waits: 1 } }]);
  await site.lms.heal();
  // Calls are held back for a moment yet.
  await eventually('it goes on', () => retirements.run(person.id, { waits: 1 }));
  expect(await stepsOf(person.id)).toMatchObject({ state: 'DONE', lastError: null, nextAttemptAt: null });
});

test('an answer of the LMS that was lost is looked for, and the retirement is not asked for twice', async () => {
  const { retirements } = site.gateway.context.services;
  const person = await enlisted('twice');
  await retirements.retire(person.id, operator);
  await site.lms.faults([{ match: '/v1/accounts/bulk_retire_users', mode: 'lost-answer', times: 1 }]);
  expect(await retirements.run(person.id)).toBe(false);
  expect(await retirements.run(person.id)).toBe(true);
  expect((await stepsOf(person.id)).steps[1]).toMatchObject({ name: 'LEAVE_LMS', outcome: 'DONE' });
  const { orm } = site.gateway.context;
  expect(await orm.em.fork().count(RetirementEntity, { accountId: person.id, state: 'DONE' })).toBe(1);
});

test('an LMS without bulk retirement deactivates its user; what is left to people is said', async () => {
  const { retirements } = site.gateway.context.services;
  const { state } = site.gateway.sandbox;
  const person = await enlisted('halfway');
  state.site = { ...state.site, hasBulkRetirement: false };
  await retirements.retire(person.id, operator);
  expect(await retirements.run(person.id)).toBe(true);
  expect((await stepsOf(person.id)).steps[1]).toMatchObject({
    outcome: 'LEFT_TO_DO',
    reason: expect.stringMatching(/“halfway”, who was deactivated .* retire “halfway” in the LMS/s),
  });
  expect(lmsUser('halfway')).toMatchObject({ passwordHash: null, email: 'halfway@example.org' });
  const enrolled = await site.gateway.context.lms.api.enrollmentsOf('halfway', { purpose: 'job' });
  expect(enrolled).toEqual([]);
  state.site = { ...state.site, hasBulkRetirement: true };
});

test('whoever never had an LMS user needs none to leave it', async () => {
  const { retirements } = site.gateway.context.services;
  const person = await site.aPerson({ username: 'stranger', isLinked: false });
  await retirements.retire(person.id, operator);
  expect(await retirements.run(person.id)).toBe(true);
  expect((await stepsOf(person.id)).steps[1]).toMatchObject({ name: 'LEAVE_LMS', outcome: 'NOT_NEEDED' });
});

test('an LMS user who has merely the same e-mail address is left alone, and named', async () => {
  const { retirements, accounts, edxLinks } = site.gateway.context.services;
  const { id } = await accounts.create(
    { email: 'booked@example.org', name: 'Somebody', username: 'namesake', isEmailVerified: true },
    systemActor,
  );
  await edxLinks.create(id);
  expect((await edxLinks.find(id))?.state).toBe('CONFLICT');
  await retirements.retire(id, operator);
  expect(await retirements.run(id)).toBe(true);
  expect((await stepsOf(id)).steps[1]).toMatchObject({
    outcome: 'LEFT_TO_DO',
    reason: expect.stringContaining('retire “booked” in the LMS'),
  });
  expect(lmsUser('booked')).toMatchObject({ email: 'booked@example.org', passwordHash: expect.any(String) });
});

test('an LMS user who was tied to somebody else meanwhile is left alone', async () => {
  const { retirements } = site.gateway.context.services;
  const { state } = site.gateway.sandbox;
  const person = await enlisted('former');
  for (const link of [...state.linksByUsername.of('former')]) {
    state.deleteLink(link);
    state.putLink({ ...link, uid: 'somebody-else' });
  }
  await retirements.retire(person.id, operator);
  expect(await retirements.run(person.id)).toBe(true);
  expect((await stepsOf(person.id)).steps[1]).toMatchObject({ name: 'LEAVE_LMS', outcome: 'LEFT_TO_DO' });
  expect(lmsUser('former')).toMatchObject({ email: 'former@example.org', passwordHash: expect.any(String) });
});

test('a registration whose answer was lost leaves an LMS user, who is found by the mapping and retired', async () => {
  const { retirements, edxLinks } = site.gateway.context.services;
  const person = await site.aPerson({ username: 'orphan', isLinked: false });
  await site.lms.faults([{ match: '*/account/registration/', method: 'POST', mode: 'lost-answer', times: 1 }]);
  await edxLinks.create(person.id);
  expect((await edxLinks.find(person.id))?.state).toBe('CREATING');
  await retirements.retire(person.id, operator);
  expect(await retirements.run(person.id)).toBe(true);
  expect(lmsUser('orphan')).toMatchObject({ passwordHash: null });
});

test('the last administrator stays, and nobody retires who may do more than they', async () => {
  const { retirements } = site.gateway.context.services;
  const root = await site.aPerson({ username: 'root', roles: ['ADMIN'], isLinked: false });
  await expect(retirements.retire(root.id, operator)).rejects.toMatchObject({ reason: 'LAST_ADMIN' });
  const support = { actor: systemActor, roles: expandRoles(['SUPPORT']) };
  await expect(retirements.retire(root.id, support)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
