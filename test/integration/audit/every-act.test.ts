import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { systemActor } from '../../../src/services/actor.js';
import { Browser } from '../../support/browser.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, staffScope, startGraphSite, testPassword } from '../../support/graph-site.js';
import { askedBy } from '../../support/passkey-pages.js';
import { deliverQueuedMail } from '../../support/queued-mail.js';
import { registerPasskey } from '../../support/registered-passkey.js';
import { authorize, authorizePath, aVerifier, basic, post } from '../oauth/clients.js';

const callbackUrl = 'http://client.localhost:9000/callback';
const limit = 3;
const newPassword = 'tea-at-half-past-six';
/** Whatever was a secret in the course of these tests. */
const secrets: unknown[] = [testPassword, newPassword];

let site: GraphSite;
let root: GraphCaller & { token: string };
let lastSeen = '';

beforeAll(async () => {
  site = await startGraphSite({
    env: { SIGN_IN_FAILURES_PER_ACCOUNT: String(limit), CLIENT_FAILURES_PER_MINUTE: String(limit) },
  });
  root = await site.caller(await site.aPerson({ username: 'root', roles: ['ADMIN'] }), staffScope);
  secrets.push(root.token);
  await newEvents();
});
afterAll(() => site[Symbol.asyncDispose]());

/** What was recorded since the last time, as `action outcome`, oldest first. */
async function newEvents(): Promise<string[]> {
  const { orm } = site.gateway.context;
  const rows = await orm.em
    .fork()
    .find(AuditEventEntity, lastSeen ? { id: { $gt: lastSeen } } : {}, { orderBy: { id: 'asc' } });
  lastSeen = rows.at(-1)?.id ?? lastSeen;
  return rows.map(({ action, outcome }) => `${action} ${outcome}`);
}

async function readMail(): Promise<string> {
  const { orm, services } = site.gateway.context;
  await deliverQueuedMail({ orm, mail: services.mail }, { mails: [] });
  const mails = (await (await fetch(`${site.gateway.sandbox.lmsUrl}/_sandbox/mail`)).json()) as { text: string }[];
  return mails.at(-1)?.text ?? '';
}

async function signIn(username: string, password = testPassword): Promise<Browser> {
  const browser = new Browser(site.url);
  await browser.go('/login?next=%2Faccount');
  await browser.submit({ identifier: username, password });
  return browser;
}

async function mutate(mutation: string, variables: object = {}): Promise<Record<string, unknown>> {
  const { data, errors } = await askGraph<Record<string, Record<string, unknown>>>(root, mutation, variables);
  const payload = Object.values(data ?? {})[0];
  if (errors || !payload) throw new Error(JSON.stringify(errors));
  expect(payload.userErrors).toEqual([]);
  secrets.push(payload.secret ?? 'no secret');
  return payload;
}

async function aClient(input: object = {}) {
  const { client, secret = '' } = await site.gateway.context.services.oauthClients.create(
    { name: 'Acme', type: 'CONFIDENTIAL', grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['user:read'], ...input },
    systemActor,
  );
  secrets.push(secret || 'no secret');
  await newEvents();
  return { clientId: client.clientId, secret };
}

const tokenUrl = () => `${site.url}/oauth2/token/`;

test('registering: the account, once', async () => {
  const browser = new Browser(site.url);
  await browser.go('/register');
  await browser.submit({ email: 'alice@example.org' });
  const code = /\b\d{6}\b/.exec(await readMail())?.[0] ?? '';
  await browser.submit({ code });
  await browser.submit({ name: 'Alice Liddell', password: newPassword });
  expect(browser.page?.url).toBe(`${site.url}/account`);
  expect(await newEvents()).toEqual(['account.created success']);
});

test('signing in and out: rightly, wrongly, too often', async () => {
  await site.aPerson({ username: 'ada' });
  await newEvents();
  const browser = await signIn('ada');
  expect(await newEvents()).toEqual(['sign-in success']);
  await browser.go('/logout?no_redirect=1');
  expect(await newEvents()).toEqual(['sign-out success']);
  await signIn('ada', 'wrong');
  expect(await newEvents()).toEqual(['sign-in wrong-credentials']);
  await signIn('nobody-here', 'wrong');
  expect(await newEvents()).toEqual(['sign-in wrong-credentials']);
  for (let attempt = 2; attempt <= limit; attempt += 1) await signIn('ada', 'wrong');
  expect(await newEvents()).toHaveLength(limit - 1);
  await signIn('ada');
  expect(await newEvents()).toEqual(['sign-in throttled']);
});

test('passwords: changed, changed with a wrong one, reset by mail', async () => {
  await site.aPerson({ username: 'grace' });
  const browser = await signIn('grace');
  await newEvents();
  await browser.go('/account/password');
  await browser.submit({ currentPassword: 'wrong', password: newPassword });
  expect(await newEvents()).toEqual(['account.password-changed wrong-credentials']);
  await browser.submit({ currentPassword: testPassword, password: newPassword });
  expect(await newEvents()).toEqual(['account.password-changed success', 'sessions.revoked success']);
  const stranger = new Browser(site.url);
  await stranger.go('/password/reset');
  await stranger.submit({ email: 'grace@example.org' });
  const link = /https?:\/\/\S+token=\S+/.exec(await readMail())?.[0] ?? '';
  secrets.push(new URL(link).searchParams.get('token'));
  await stranger.go(link);
  await stranger.submit({ password: testPassword });
  const events = await newEvents();
  expect(events.filter((event) => event === 'account.password-changed success')).toHaveLength(1);
  expect(events.filter((event) => event === 'sessions.revoked success')).toHaveLength(1);
});

test('second factors: added, used, guessed, guessed too often, removed', async () => {
  const person = await site.aPerson({ username: 'hedy' });
  await newEvents();
  const { passkeys } = site.gateway.context.services;
  const origin = site.url;
  const { passkey, recoveryCodes } = await registerPasskey(passkeys, person, { origin, password: testPassword });
  secrets.push(...recoveryCodes);
  expect(await newEvents()).toEqual(['second-factor.added success']);

  const alone = new Browser(site.url);
  await alone.go('/login?next=%2Faccount');
  await alone.submit({ passkey: passkey.use(await askedBy(alone)) });
  expect(await newEvents()).toEqual(['sign-in success']);

  const browser = await signIn('hedy');
  await browser.submit({ passkey: passkey.use(await askedBy(browser)) });
  expect(await newEvents()).toEqual(['sign-in success', 'second-factor.checked success']);
  const guesser = await signIn('hedy');
  await newEvents();
  for (let attempt = 1; attempt <= limit; attempt += 1) await guesser.submit({ code: 'guess' });
  expect(await newEvents()).toEqual(Array(limit).fill('second-factor.checked wrong-code'));
  await guesser.submit({ code: 'guess' });
  expect(guesser.page?.status).toBe(429);
  expect(await newEvents()).toEqual(['second-factor.checked throttled']);

  await mutate(
    'mutation ($input: RemoveSecondFactorsInput!) { removeSecondFactors(input: $input) { userErrors { message } } }',
    { input: { accountId: toGlobalId('Account', person.id), reason: 'Lost the phone.' } },
  );
  expect(await newEvents()).toEqual(['second-factor.removed success', 'sessions.revoked success']);
});

test('sessions: one ended, all ended', async () => {
  await site.aPerson({ username: 'eve' });
  const [browser] = [await signIn('eve'), await signIn('eve')];
  await newEvents();
  await browser.go('/account');
  await browser.submit({ uid: /name="uid" value="([^"]+)"/.exec(browser.page?.text ?? '')?.[1] ?? '' });
  expect(await newEvents()).toEqual(['session.revoked success']);
  const other = await signIn('eve');
  await newEvents();
  const token = /name="_csrf" value="([^"]+)"/.exec((await other.go('/account')).text)?.[1] ?? '';
  await other.go('/account/sessions/end-all', {
    method: 'POST',
    body: new URLSearchParams({ _csrf: token }),
    headers: { origin: site.url },
  });
  expect(await newEvents()).toEqual(['sessions.revoked success']);
});

test('a client’s own tokens: issued, refused, revoked, throttled', async () => {
  const client = await aClient();
  const { body } = await post(tokenUrl(), { grant_type: 'client_credentials' }, basic(client));
  secrets.push(body.access_token);
  expect(await newEvents()).toEqual(['token.issued success']);
  await post(tokenUrl(), { grant_type: 'client_credentials', scope: 'clients:admin' }, basic(client));
  expect(await newEvents()).toEqual(['token.issued refused']);
  await post(`${site.url}/oauth2/revoke_token/`, { token: String(body.access_token) }, basic(client));
  expect(await newEvents()).toEqual(['token.revoked success']);
  const guess = () => post(tokenUrl(), { grant_type: 'client_credentials' }, basic({ ...client, secret: 'guessed' }));
  for (let attempt = 1; attempt <= limit; attempt += 1) await guess();
  expect(await newEvents()).toEqual(Array(limit).fill('token.issued refused'));
  for (let attempt = 1; attempt <= 5; attempt += 1) expect((await guess()).status).toBe(429);
  expect(await newEvents()).toEqual(['token.issued throttled']);
});

test('a person’s tokens: consent, code, tokens, a refresh token that came twice, consent taken back', async () => {
  await site.aPerson({ username: 'mary' });
  const scope = 'openid offline_access user:read';
  const client = await aClient({
    type: 'PUBLIC',
    grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
    redirectUris: [callbackUrl],
    scopes: scope.split(' '),
  });
  const { verifier, challenge } = aVerifier();
  const path = authorizePath(client.clientId, { scope, code_challenge: challenge, code_challenge_method: 'S256' });
  const browser = new Browser(site.url);
  const code = (await authorize(browser, path, 'mary')).get('code') ?? '';
  expect(await newEvents()).toEqual(['sign-in success', 'consent.given success', 'code.issued success']);
  const own = { client_id: client.clientId };
  const { body: tokens } = await post(tokenUrl(), {
    ...own,
    grant_type: 'authorization_code',
    code,
    redirect_uri: callbackUrl,
    code_verifier: verifier,
  });
  secrets.push(code, tokens.access_token, tokens.id_token, tokens.refresh_token);
  expect(await newEvents()).toEqual(['token.issued success']);
  const refresh = () =>
    post(tokenUrl(), { ...own, grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token) });
  secrets.push((await refresh()).body.access_token);
  expect(await newEvents()).toEqual(['token.issued success']);
  await refresh();
  expect(await newEvents()).toEqual(['refresh-token.reused refused']);
  await browser.go('/account');
  await browser.submit({ clientId: client.clientId });
  expect(await newEvents()).toEqual(['consent.revoked success']);
});

test('clients: created, given a new secret', async () => {
  const { client } = await mutate(
    `mutation { createOAuthClient(input: { name: "Audited", type: CONFIDENTIAL, grantTypes: [CLIENT_CREDENTIALS],
      scopes: ["user:read"] }) { client { clientId } secret userErrors { message } } }`,
  );
  expect(await newEvents()).toEqual(['client.created success']);
  await mutate(
    'mutation ($input: RotateOAuthClientSecretInput!) { rotateOAuthClientSecret(input: $input) { secret userErrors { message } } }',
    { input: { clientId: (client as { clientId: string }).clientId } },
  );
  expect(await newEvents()).toEqual(['client.secret-rotated success']);
});

test('accounts: created, given and bereft of a role, changed, blocked', async () => {
  const change = (name: string, input: object) =>
    mutate(
      `mutation ($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) {
        ${name}(input: $input) { account { id } userErrors { message } } }`,
      { input },
    );
  const { account } = await change('createAccount', { email: 'new@example.org', name: 'New Person' });
  expect(await newEvents()).toEqual(['account.created success']);
  const accountId = (account as { id: string }).id;
  await change('grantRole', { accountId, role: 'STAFF' });
  expect(await newEvents()).toEqual(['account.changed success']);
  await change('revokeRole', { accountId, role: 'STAFF' });
  expect(await newEvents()).toEqual(['account.changed success']);
  await change('updateProfile', { accountId, name: 'Newer Person' });
  expect(await newEvents()).toEqual(['account.changed success']);
  await change('blockAccount', { accountId });
  expect((await newEvents()).filter((event) => event.startsWith('account.'))).toEqual([
    'account.status-changed success',
  ]);
});

test('and no secret is in any of it', async () => {
  const all = JSON.stringify(await site.gateway.context.orm.em.fork().find(AuditEventEntity, {}));
  expect(secrets.length).toBeGreaterThan(12);
  for (const secret of secrets) expect(all).not.toContain(String(secret));
  expect(all).toContain('signing-key.created');
});
