/** Line 60 of the security checklist: what is kept of what was done. */
import { afterAll, expect, test } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { askGraph, dataOf } from '../../support/gql.js';
import { startProviderSite, testPassword } from '../../support/provider-site.js';
import { authorizePath, aVerifier, basic, exchange, inBody, post } from '../oauth/clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

test('D60: one record, without secrets, of each sign-in, failed one, code, token, reuse, revocation, change of client and key', async () => {
  const account = await site.anAccount();
  const admin = await site.anAccount();
  await site.orm.em.fork().nativeUpdate(AccountEntity, { id: admin.id }, { roles: ['ADMIN'] });
  const client = await site.aClient({ type: 'PUBLIC', skipConsent: true });
  const staff = await site.aClient({
    grantTypes: ['CLIENT_CREDENTIALS'],
    ownerId: admin.id,
    scopes: ['clients:admin', 'user:read'],
  });
  const { verifier, challenge } = aVerifier();
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
  const tokenUrl = `${site.url}/oauth2/token/`;

  const before = await newest();
  const browser = site.newBrowser();
  await browser.go(authorizePath(client.clientId, { ...pkce, scope: 'openid user:read' }));
  await browser.submit({ identifier: account.username, password: 'not the password' });
  const back = await browser.submit({ identifier: account.username, password: testPassword });
  const code = new URL(back.url).searchParams.get('code') ?? '';
  const first = await exchange(site, client, code, { code_verifier: verifier });
  const refresh = { grant_type: 'refresh_token', refresh_token: String(first.body.refresh_token), ...inBody(client) };
  const second = await post(tokenUrl, refresh);
  expect((await post(tokenUrl, refresh)).body.error).toBe('invalid_grant');
  const again = await browser.go(authorizePath(client.clientId, { ...pkce, scope: 'openid user:read' }));
  const secondCode = new URL(again.url).searchParams.get('code') ?? '';
  const third = await exchange(site, client, secondCode, { code_verifier: verifier });
  await post(`${site.url}/oauth2/revoke_token/`, { token: String(third.body.access_token), ...inBody(client) });
  const own = await post(tokenUrl, { grant_type: 'client_credentials' }, basic(staff));
  const root = { url: site.url, token: String(own.body.access_token) };
  const made = await dataOf(
    askGraph<{ createOAuthClient: { secret: string; client: { clientId: string } } }>(
      root,
      `mutation { createOAuthClient(input: { name: "Audited", type: CONFIDENTIAL, grantTypes: [CLIENT_CREDENTIALS], scopes: ["user:read"] })
        { secret client { clientId } } }`,
    ),
  );
  const { secret, client: audited } = made.createOAuthClient;
  const rotated = await dataOf(
    askGraph<{ rotateOAuthClientSecret: { secret: string } }>(
      root,
      'mutation ($clientId: String!) { rotateOAuthClientSecret(input: { clientId: $clientId }) { secret } }',
      { clientId: audited.clientId },
    ),
  );
  const keys = await dataOf(
    askGraph(root, 'mutation { rotateSigningKey(input: {}) { signingKeys { kid } userErrors { code } } }'),
  );
  expect(keys).toMatchObject({ rotateSigningKey: { userErrors: [] } });

  const events = (await newest()).slice(before.length);
  const acts = events.map(({ action, outcome, clientId }) => [action, outcome, clientId].join(' '));
  const count = (act: string) => acts.filter((it) => it === act).length;
  const by = (action: string, outcome = 'success') =>
    events.filter((it) => it.action === action && it.outcome === outcome);
  expect(by('sign-in')).toMatchObject([{ subjectId: account.id, address: expect.stringMatching(/127|::1/) }]);
  expect(by('sign-in', 'wrong-credentials')).toMatchObject([{ subjectId: account.id }]);
  expect(count(`code.issued success ${client.clientId}`)).toBe(2);
  const issued = by('token.issued').filter(({ clientId }) => clientId === client.clientId);
  expect(issued.map(({ detail }) => detail?.grantType)).toEqual([
    'authorization_code',
    'refresh_token',
    'authorization_code',
  ]);
  expect(count(`token.issued success ${staff.clientId}`)).toBe(1);
  expect(count(`token.revoked success ${client.clientId}`)).toBe(1);
  expect(by('refresh-token.reused', 'refused')).toMatchObject([{ clientId: client.clientId, subjectId: account.id }]);
  for (const action of ['client.created', 'client.secret-rotated'])
    expect(by(action), action).toMatchObject([{ actorId: admin.id, detail: { client: audited.clientId } }]);
  expect(by('signing-key.created').length).toBeGreaterThan(0);
  expect(new Set(by('signing-key.created').map(({ detail }) => detail?.kid)).size).toBe(
    by('signing-key.created').length,
  );

  const all = JSON.stringify(events);
  const tokens = [first, second, third, own].flatMap(({ body }) => [
    body.access_token,
    body.refresh_token,
    body.id_token,
  ]);
  for (const hidden of [code, secondCode, ...tokens, staff.secret, secret, rotated.rotateOAuthClientSecret.secret])
    if (hidden !== undefined) expect(all).not.toContain(hidden);
  for (const hidden of [testPassword, 'not the password', account.email]) expect(all).not.toContain(hidden);
});

function newest() {
  return site.orm.em.fork().find(AuditEventEntity, {}, { orderBy: { id: 'asc' } });
}
