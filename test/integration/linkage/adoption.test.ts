import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addUser } from '../../../sandbox/lms/population.js';
import type { AdoptionPolicy } from '../../../src/config/config.js';
import { ConflictError, InvalidInputError } from '../../../src/errors.js';
import { systemActor } from '../../../src/services/actor.js';
import { remedyOf } from '../../../src/services/edx-link/remedy.js';
import { createLinkageBench } from './linkage-bench.js';

let bench: Awaited<ReturnType<typeof createLinkageBench>>;
beforeAll(async () => {
  bench = await createLinkageBench();
});
afterAll(() => bench[Symbol.asyncDispose]());
beforeEach(() => bench.lever('DELETE', '/_sandbox/requests'));

const registration = /^POST \/user_api\/v1\/account\/registration\//;
const signOns = /^GET \/auth\/login\//;

/** Somebody who was in the LMS before Portico was. */
function lmsUser(username: string, { isActive = true, isMadeByLti = false, email = `${username}@example.org` } = {}) {
  const { state } = bench.sandbox;
  state.atomically(() => {
    const user = addUser(state, {
      username: `${username}_lms`,
      email,
      name: username,
      passwordHash: 'not one that anybody knows',
      dateJoined: '2020-01-01T00:00:00Z',
      isActive,
    });
    if (isMadeByLti) state.putUser({ ...user, isMadeByLti });
  });
}

const tieOf = (uid: string) => bench.sandbox.state.link('ol-oauth2', uid)?.username;
const nodeWith = (adoption: AdoptionPolicy, fixesLtiUsers = false) => bench.node({}, { adoption, fixesLtiUsers });
const support = { isSupport: true };

test('by the automatic policy it is adopted without asking, by two processes once', async () => {
  await using one = await nodeWith('automatic');
  await using other = await nodeWith('automatic');
  lmsUser('ben');
  const ben = await bench.account({ username: 'ben' });
  await Promise.all([one, other].map((node) => node.edxLinks.create(ben.id)));
  await one.edxLinks.create(ben.id);
  expect(await one.edxLinks.find(ben.id)).toMatchObject({ state: 'LINKED', edxUsername: 'ben_lms' });
  expect(await bench.requests(registration)).toHaveLength(1);
});

test('an LMS user who is not active is not adopted, since the LMS would not tie them', async () => {
  await using node = await nodeWith('automatic');
  lmsUser('cleo', { isActive: false });
  const cleo = await bench.account({ username: 'cleo' });
  await node.edxLinks.create(cleo.id);
  const link = await node.edxLinks.find(cleo.id);
  expect(link).toMatchObject({ state: 'CONFLICT', lastError: { code: 'lms-user-inactive' } });
  expect(link && remedyOf(link)).toBe('TRY_AGAIN');
  expect(await bench.requests(signOns)).toEqual([]);
});

test('an LMS user who is tied to somebody is never given away, whatever the policy', async () => {
  await using node = await nodeWith('automatic');
  const owner = await bench.account({ username: 'dora' });
  await node.edxLinks.create(owner.id);
  await bench.em.fork().execute(`update account set email = 'moved@example.org' where id = ?`, [owner.id]);
  const other = await bench.account({ username: 'dora-two', email: 'dora@example.org' });
  await node.edxLinks.create(other.id);
  expect(await node.edxLinks.find(other.id)).toMatchObject({
    state: 'CONFLICT',
    lastError: { code: 'email-linked-elsewhere' },
  });
  expect(tieOf('dora')).toBe('dora');
});

test('a user of an LTI launch gives the address up where the school allows it, and the person is registered', async () => {
  await using node = await nodeWith('never', true);
  lmsUser('eve', { isMadeByLti: true });
  const eve = await bench.account({ username: 'eve' });
  await node.edxLinks.create(eve.id);
  expect(await node.edxLinks.find(eve.id)).toMatchObject({ state: 'LINKED', edxUsername: 'eve' });
  expect(bench.sandbox.state.user('eve_lms')?.email).toBe('eve_lms@lti.example.com');
  expect(await bench.requests(/^POST \/api\/lti-user-fix\//)).toMatchObject([
    { status: 200, auth: expect.stringContaining('portico_worker') },
  ]);
});

test('what is done is what is offered, and nothing else', async () => {
  await using node = await nodeWith('never');
  lmsUser('fay');
  const fay = await bench.account({ username: 'fay' });
  await expect(node.edxLinks.resolve(fay.id, 'TRY_AGAIN', systemActor, support)).rejects.toBeInstanceOf(ConflictError);
  await node.edxLinks.create(fay.id);
  const refused = (action: 'ADOPT' | 'CHANGE_EMAIL') => node.edxLinks.resolve(fay.id, action, systemActor, support);
  await expect(refused('ADOPT')).rejects.toMatchObject({ reason: 'NOT_OFFERED' });
  await expect(refused('CHANGE_EMAIL')).rejects.toMatchObject({ reason: 'DONE_ELSEWHERE' });
  await expect(refused('CHANGE_EMAIL')).rejects.toBeInstanceOf(InvalidInputError);
  expect((await node.edxLinks.find(fay.id))?.state).toBe('CONFLICT');
});

test('an LMS user that was untied is not replaced by another one; unlinking by support is what starts anew', async () => {
  await using node = await nodeWith('automatic');
  const hal = await bench.account({ username: 'hal' });
  await node.edxLinks.create(hal.id);
  const { state } = bench.sandbox;
  state.atomically(() => {
    for (const link of state.linksByUsername.of('hal')) state.deleteLink(link);
  });
  await node.edxLinks.check(hal.id);
  expect(await node.edxLinks.find(hal.id)).toMatchObject({
    state: 'CONFLICT',
    lastError: { code: 'unlinked-upstream' },
  });
  // Trying again looks again: no second LMS account, and nothing is tied that somebody untied.
  await node.edxLinks.ensure(hal.id, systemActor);
  await node.edxLinks.create(hal.id);
  expect(await node.edxLinks.find(hal.id)).toMatchObject({ state: 'CONFLICT', edxUsername: 'hal' });
  await node.edxLinks.resolve(hal.id, 'ADOPT', systemActor, support);
  await node.edxLinks.create(hal.id);
  expect(await node.edxLinks.find(hal.id)).toMatchObject({ state: 'LINKED', edxUsername: 'hal' });

  const unlinked = await node.edxLinks.unlink(hal.id, systemActor);
  expect(unlinked).toMatchObject({ state: 'NOT_LINKED', edxUsername: null });
  const jobs = await bench.em
    .fork()
    .execute(`select 1 from graphile_worker.jobs where task_identifier = 'revoke-edx-api-token'`);
  expect(jobs.length).toBeGreaterThan(0);
});
