import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { LmsEvent } from '../../../src/services/lms-event/lms-event.js';
import { eventually } from '../../support/eventually.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { pullLever } from '../../support/sandbox-levers.js';

const courseKey = 'course-v1:edX+DemoX+Demo_Course';
const stranger = 999_999;

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
  await site.lms.seed({ users: 520, courses: 1, enrollmentsPerUser: 0, seed: 1 });
});
afterAll(() => site[Symbol.asyncDispose]());
afterEach(async () => {
  await site.lms.heal();
  await run('delete from unknown_user_hint');
  await run('delete from learning_hint');
  await run(`select graphile_worker.remove_job(key) from graphile_worker.jobs where key is not null`);
});

const run = <Row = unknown>(sql: string) => site.gateway.context.orm.em.fork().execute<Row[]>(sql);
const idOf = (username: string) => site.gateway.sandbox.state.user(username)?.id ?? 0;
const graded = (lmsUserId: number): LmsEvent => ({ about: 'grade', user: { lmsUserId }, courseKey });
const take = (...events: LmsEvent[]) => site.gateway.context.services.lmsEvents.take(events);
const learn = () => site.gateway.context.services.lmsUserIds.learn();
const keptNumbers = async () =>
  (await run<{ id: number }>('select lms_user_id as id from unknown_user_hint order by 1')).map(({ id }) => id);
const hinted = async () => {
  const rows = await run<{ name: string }>(
    'select link.edx_username as name from learning_hint join edx_link link using (account_id) order by 1',
  );
  return rows.map(({ name }) => name);
};
const waitingKeys = async () =>
  (await run<{ key: string }>('select key from graphile_worker.jobs where key is not null')).map(({ key }) => key);
/** Calls of the LMS for numbers, by path. */
const askedFor = async () => {
  const all = (await pullLever(site.gateway.sandbox.lmsUrl, 'GET', 'requests')) as { path: string }[];
  return all.map(({ path }) => path).filter((path) => path.startsWith('/api/user/v1/accounts'));
};

test('where every number is known, a stranger costs neither a row nor a call', async () => {
  await take(graded(stranger));
  expect(await keptNumbers()).toEqual([]);
  expect(await waitingKeys()).toEqual([]);
});

test('the numbers of hundreds of links are learned by one call for 500, and a stranger is forgotten then', async () => {
  const usernames = [...site.gateway.sandbox.state.users.values()].map(({ username }) => username).slice(-510);
  await site.people(usernames);
  const [first = '', second = ''] = usernames;
  await take(graded(idOf(first)), graded(stranger), graded(idOf(second)), graded(idOf(first)));
  expect(await keptNumbers()).toEqual([idOf(first), idOf(second), stranger].sort((a, b) => a - b));
  expect(await hinted()).toEqual([]);
  expect(await waitingKeys()).toEqual(['lms-user-ids']);

  await site.lms.forgetRequests();
  await learn();
  expect(await askedFor()).toEqual(Array.from({ length: 2 }, () => '/api/user/v1/accounts/search_emails'));
  expect(await hinted()).toEqual([first, second].sort());
  expect(await keptNumbers()).toEqual([]);
  const [unknown] = await run<{ count: number }>(
    'select count(*)::int as count from edx_link where edx_user_id is null',
  );
  expect(unknown?.count).toBe(0);
});

test('an LMS user who is not to be found is not asked for again at every event of a stranger', async () => {
  await site.people(['nobody-in-the-lms']);
  await take(graded(stranger));
  await learn();
  expect(await keptNumbers()).toEqual([]);
  await site.lms.forgetRequests();
  await take(graded(stranger));
  expect(await keptNumbers()).toEqual([]);
  await learn();
  expect(await askedFor()).toEqual([]);
});

test('the nightly comparison corrects a number that is wrong, and the half-hourly look begins the search for missing ones', async () => {
  const { edxLinks } = site.gateway.context.services;
  await site.people(['ada']);
  await run(`update edx_link set edx_user_id = 4711 where edx_username = 'ada'`);
  await edxLinks.repairDrift();
  const [ada] = await run<{ id: number }>(`select edx_user_id as id from edx_link where edx_username = 'ada'`);
  expect(ada?.id).toBe(idOf('ada'));
  await run(`select graphile_worker.remove_job(key) from graphile_worker.jobs where key is not null`);
  await run(`update edx_link set edx_user_id = null where edx_username = 'ada'`);
  await edxLinks.sweep();
  expect(await waitingKeys()).toContain('lms-user-ids');
});

test('what came while the LMS was away is followed when it is back', async () => {
  await run(`update edx_link set edx_user_id = null, edx_user_id_sought_at = null where edx_username = 'ada'`);
  await site.lms.faults([{ match: '*', mode: 'down' }]);
  await take(graded(idOf('ada')), graded(stranger));
  await learn();
  expect(await keptNumbers()).toEqual([idOf('ada'), stranger].sort((a, b) => a - b));
  expect(await waitingKeys()).toEqual(['lms-user-ids']);
  await site.lms.heal();
  const isFollowed = async () => {
    await learn();
    return (await hinted()).length > 0;
  };
  await eventually('the LMS is asked again', isFollowed, { deadlineMs: 60_000, pauseMs: 500 });
  expect(await hinted()).toEqual(['ada']);
  expect(await keptNumbers()).toEqual([]);
});
