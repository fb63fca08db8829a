import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { ForbiddenError } from '../../../src/errors.js';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { Browser } from '../../support/browser.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite, testPassword } from '../../support/graph-site.js';
import { deliverQueuedMail } from '../../support/queued-mail.js';
import { registerPasskey } from '../../support/registered-passkey.js';

let site: GraphSite;
let root: GraphCaller;
let sam: GraphCaller;
let rootId: string;
beforeAll(async () => {
  site = await startGraphSite();
  const admin = await site.aPerson({ username: 'root', roles: ['ADMIN'] });
  rootId = admin.id;
  root = await site.caller(admin, staffScope);
  sam = await site.caller(await site.aPerson({ username: 'sam', roles: ['SUPPORT'] }), staffScope);
});
afterAll(() => site[Symbol.asyncDispose]());

async function withPasskey(username: string) {
  const person = await site.aPerson({ username });
  const { passkeys } = site.gateway.context.services;
  const registered = await registerPasskey(passkeys, person, { origin: site.url, password: testPassword });
  return { person, ...registered };
}

interface Factors {
  secondFactors: { kind: string; name: string; createdAt: string; lastUsedAt: string | null; suspended: boolean }[];
  recoveryCodesLeft: number;
}
const fields = 'secondFactors { kind name createdAt lastUsedAt suspended } recoveryCodesLeft';

async function readFactors(caller: GraphCaller, username: string) {
  const query = `query ($username: String!) { account(by: { username: $username }) { ${fields} } }`;
  const { data, errors } = await askGraph<{ account: Factors }>(caller, query, { username });
  return { ...data?.account, codes: errors?.map((error) => error.extensions?.code) };
}

async function remove(caller: GraphCaller, accountId: string, reason = 'Came to the office with a passport.') {
  const { data, errors } = await askGraph<{ removeSecondFactors: { userErrors: { code: string; field: string[] }[] } }>(
    caller,
    `mutation ($input: RemoveSecondFactorsInput!) { removeSecondFactors(input: $input) { account { username } userErrors { code field } } }`,
    { input: { accountId: toGlobalId('Account', accountId), reason } },
  );
  return { ...data?.removeSecondFactors, codes: errors?.map((error) => error.extensions?.code) };
}

test('the owner and staff see what sign-in asks for, and nobody else does', async () => {
  const { person } = await withPasskey('alba');
  const expected = {
    secondFactors: [
      { kind: 'PASSKEY', name: 'Phone', createdAt: expect.any(String), lastUsedAt: null, suspended: false },
    ],
    recoveryCodesLeft: 10,
  };
  expect(await readFactors(sam, 'alba')).toMatchObject(expected);
  const own = await site.caller(person, 'accounts:read learning:read');
  expect((await askGraph(own, `{ viewer { ${fields} } }`)).data?.viewer).toMatchObject(expected);
  const narrow = await site.caller(person, 'learning:read');
  const { errors } = await askGraph(narrow, `{ viewer { ${fields} } }`);
  expect(errors?.map((error) => error.extensions?.code)).toContain('FORBIDDEN');
  const stranger = await site.caller(await site.aPerson({ username: 'bert' }), 'accounts:read');
  expect((await readFactors(stranger, 'alba')).codes).toContain('FORBIDDEN');
});

test('the second factors of a page of accounts are read at once', async () => {
  await site.people(['p1', 'p2', 'p3']);
  const { data } = await askGraph<{ accounts: { nodes: Factors[] } }>(
    root,
    `{ accounts(first: 100) { nodes { ${fields} } } }`,
  );
  expect(data?.accounts.nodes.length).toBeGreaterThan(4);
  expect(data?.accounts.nodes.at(-1)).toEqual({ secondFactors: [], recoveryCodesLeft: 0 });
});

test('who has lost everything is helped by an administrator: signed out, told, recorded', async () => {
  const { person, recoveryCodes } = await withPasskey('carla');
  const browser = new Browser(site.url);
  await browser.go('/login');
  await browser.submit({ identifier: 'carla', password: testPassword });
  await browser.submit({ code: recoveryCodes[0] ?? '' });
  expect(browser.page?.url).toBe(`${site.url}/account`);

  expect(await remove(root, person.id)).toMatchObject({ userErrors: [] });
  expect((await browser.go('/account')).url).toContain('/login');
  expect(await readFactors(root, 'carla')).toMatchObject({ secondFactors: [], recoveryCodesLeft: 0 });
  await browser.go('/login');
  await browser.submit({ identifier: 'carla', password: testPassword });
  expect(browser.page?.url).toBe(`${site.url}/account`);

  const { orm, services } = site.gateway.context;
  const events = await orm.em.fork().find(AuditEventEntity, { subjectId: person.id, action: 'second-factor.removed' });
  expect(events).toEqual([
    expect.objectContaining({
      actorId: rootId,
      detail: { by: 'official', reason: 'Came to the office with a passport.' },
    }),
  ]);
  await deliverQueuedMail({ orm, mail: services.mail }, { mails: [] });
  const mails = (await (await fetch(`${site.gateway.sandbox.lmsUrl}/_sandbox/mail`)).json()) as { text: string }[];
  expect(mails.at(-1)?.text).toContain('An administrator removed the authenticator app, the passkeys');

  // Once more: nothing happens, and nobody is told again.
  expect(await remove(root, person.id)).toMatchObject({ userErrors: [] });
  expect(await orm.em.fork().count(AuditEventEntity, { subjectId: person.id, action: 'second-factor.removed' })).toBe(
    1,
  );
});

test('support may not, nobody may for themselves, a reason must be given, and rank holds', async () => {
  const { person } = await withPasskey('dora');
  expect((await remove(sam, person.id)).codes).toEqual(['FORBIDDEN']);
  expect(await remove(root, person.id, ' ')).toMatchObject({
    userErrors: [{ code: 'REASON_MISSING', field: ['reason'] }],
  });
  expect(await remove(root, rootId)).toMatchObject({ userErrors: [{ code: 'OWN_ACCOUNT', field: ['accountId'] }] });
  expect(await remove(root, '01920000-0000-7000-8000-000000000000')).toMatchObject({
    userErrors: [{ code: 'NOT_FOUND' }],
  });
  const { secondFactors } = site.gateway.context.services;
  const bySupport = { actor: { accountId: person.id }, roles: new Set(['LEARNER', 'STAFF', 'SUPPORT'] as const) };
  await expect(secondFactors.removeAll(rootId, 'because', bySupport)).rejects.toBeInstanceOf(ForbiddenError);
  expect(await readFactors(root, 'dora')).toMatchObject({ recoveryCodesLeft: 10 });
});
