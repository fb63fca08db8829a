import { afterAll, beforeAll, expect, test } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { type Person, type School, startSchool } from '../../contract/enrollment-school.js';
import { eventually } from '../../support/eventually.js';
import { askGraph, dataOf, type GraphCaller } from '../../support/gql.js';

/** What people and support do about links, over HTTP, at a running Portico with its worker and its LMS. */

let school: School;
let sue: Person;
let nora: Person;
beforeAll(async () => {
  school = await startSchool();
  sue = await school.person('sue', { roles: ['SUPPORT'] });
  nora = await school.person('nora');
}, 30_000);
afterAll(() => school[Symbol.asyncDispose]());

const services = () => school.site.gateway.context.services;
const link = `edxLink { state edxUsername remedy lastError { code } apiToken { hasToken } }`;
const userAtLms = async (username: string) =>
  (await school.site.gateway.context.lms.api.accountsByUsername([username], { purpose: 'job' }))[0];
const settled = (accountId: string, state: string) =>
  eventually(`the link is ${state}`, async () => {
    const found = await services().edxLinks.find(accountId);
    return found?.state === state ? found : undefined;
  });

async function codesOf(caller: GraphCaller, mutation: string, input: Record<string, unknown>): Promise<unknown[]> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const { errors } = await askGraph(
    caller,
    `mutation Test($input: ${type}!) { ${mutation}(input: $input) { userErrors { code } } }`,
    { input },
  );
  return (errors ?? []).map(({ extensions }) => extensions?.code);
}

test('pushProfileToEdx brings what the LMS lacks, for oneself and by support, and for nobody else', async () => {
  const rename = (name: string) =>
    school.site.gateway.context.orm.em.fork().nativeUpdate(AccountEntity, { id: nora.account.id }, { name });
  await rename('Nora Helmer');
  const pushed = await school.mutate(nora, 'pushProfileToEdx', {}, link);
  expect(pushed).toMatchObject({ edxLink: { state: 'LINKED', edxUsername: 'nora' }, userErrors: [] });
  await eventually('the LMS has the name', async () => (await userAtLms('nora'))?.name === 'Nora Helmer');

  await rename('Nora Krogstad');
  expect(await school.mutate(sue, 'pushProfileToEdx', { accountId: nora.id }, link)).toMatchObject({ userErrors: [] });
  await eventually('the LMS has the name', async () => (await userAtLms('nora'))?.name === 'Nora Krogstad');
  expect(await codesOf(nora.caller, 'pushProfileToEdx', { accountId: sue.id })).toEqual(['FORBIDDEN']);
});

test('refreshEdxApiToken has a new token be obtained, however good the old one is', async () => {
  const { edxApiTokens } = services();
  const old = await edxApiTokens.getValidToken(nora.account.id);
  const asked = await school.mutate(nora, 'refreshEdxApiToken', {}, link);
  expect(asked).toMatchObject({ edxLink: { state: 'LINKED', apiToken: { hasToken: true } }, userErrors: [] });
  await eventually(
    'there is a new one',
    async () => (await edxApiTokens.getValidToken(nora.account.id).catch(() => old)) !== old,
  );
  expect(await codesOf(nora.caller, 'refreshEdxApiToken', { accountId: sue.id })).toEqual(['FORBIDDEN']);
});

test('unlinkEdxAccount lets go of the LMS user, by support only, until somebody asks again', async () => {
  const otto = await school.person('otto');
  expect(await codesOf(otto.caller, 'unlinkEdxAccount', { accountId: otto.id })).toEqual(['FORBIDDEN']);
  const input = { accountId: otto.id, idempotencyKey: 'let-go' };
  for (const _time of ['once', 'again'])
    expect(await school.mutate(sue, 'unlinkEdxAccount', input, link)).toMatchObject({
      edxLink: { state: 'NOT_LINKED', edxUsername: null, apiToken: { hasToken: false } },
      userErrors: [],
    });
  expect(await userAtLms('otto')).toMatchObject({ username: 'otto' });
  for (const mutation of ['pushProfileToEdx', 'refreshEdxApiToken'])
    expect(await school.mutate(otto, mutation, {}, link)).toMatchObject({
      edxLink: null,
      userErrors: [{ code: 'CONFLICT' }],
    });
  await school.mutate(otto, 'ensureEdxAccount', {}, link);
  expect(await settled(otto.account.id, 'LINKED')).toMatchObject({ edxUsername: 'otto' });
  // The request of before is the same request still: it lets go of nobody anew.
  await school.mutate(sue, 'unlinkEdxAccount', input, link);
  expect(await services().edxLinks.find(otto.account.id)).toMatchObject({ state: 'LINKED' });
});

test('resolveEdxConflict does the one thing that is offered: here, adopting the LMS user with one’s address', async () => {
  const { state } = school.site.gateway.sandbox;
  const [some] = [...state.users.values()];
  if (!some) throw new Error('the LMS has nobody');
  const old = { ...some, id: 9_999, username: 'olga-old', email: 'olga@example.org', isActive: true };
  state.atomically(() => state.putUser(old));
  const account = await school.site.aPerson({ username: 'olga', isLinked: false });
  await settled(account.id, 'CONFLICT');
  const caller = await school.site.caller(account, 'learning:read learning:write');
  const read = await dataOf(askGraph<{ viewer: { edx: unknown } }>(caller, `{ viewer { edx { state remedy } } }`));
  expect(read.viewer.edx).toEqual({ state: 'CONFLICT', remedy: 'ADOPT' });

  const olga: Person = { account, caller, id: '' };
  const resolve = (action: string) => school.mutate(olga, 'resolveEdxConflict', { action }, link);
  expect(await resolve('TRY_AGAIN')).toMatchObject({ edxLink: null, userErrors: [{ code: 'NOT_OFFERED' }] });
  expect(await resolve('ADOPT')).toMatchObject({ edxLink: { state: 'PENDING' }, userErrors: [] });
  expect(await settled(account.id, 'LINKED')).toMatchObject({ edxUsername: 'olga-old' });
  expect(await resolve('ADOPT')).toMatchObject({ edxLink: null, userErrors: [{ code: 'CONFLICT' }] });
  const accountId = Buffer.from(`Account:${account.id}`).toString('base64url');
  expect(await codesOf(nora.caller, 'resolveEdxConflict', { accountId, action: 'ADOPT' })).toEqual(['FORBIDDEN']);
});
