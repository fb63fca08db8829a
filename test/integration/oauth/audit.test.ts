import { afterAll, describe, expect, test } from 'vitest';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { startProviderSite, testPassword } from '../../support/provider-site.js';
import { authorizePath, basic, exchange, inBody, introspect, obtainCode, obtainTokens, post } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

const actsOf = (where: { clientId?: string; subjectId?: string; action?: string }) =>
  site.orm.em.fork().find(AuditEventEntity, where, { orderBy: { id: 'asc' } });

describe('the audit', () => {
  test('holds one record for a sign-in, a code, tokens and a revocation', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ requirePkce: false, skipConsent: true });
    const code = await obtainCode(site, client.clientId, account.username, { scope: 'openid user:read' });
    const tokens = await exchange(site, client, code);
    await post(`${site.url}/oauth2/revoke_token/`, { token: String(tokens.body.access_token) }, basic(client));
    const acts = await actsOf({ clientId: client.clientId });
    expect(acts.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'code.issued success',
      'token.issued success',
      'token.revoked success',
    ]);
    expect(acts[0]).toMatchObject({
      actorId: account.id,
      subjectId: account.id,
      address: expect.stringMatching(/127|::1/),
    });
    expect(acts[1]).toMatchObject({ detail: { grantType: 'authorization_code', scope: 'openid user:read' } });
    const signIns = await actsOf({ subjectId: account.id, action: 'sign-in' });
    expect(signIns.map(({ outcome }) => outcome)).toEqual(['success']);
  });

  test('holds one record for each refusal', async () => {
    const account = await site.anAccount();
    const browser = site.newBrowser();
    await browser.go('/login');
    await browser.submit({ identifier: account.username, password: 'wrong' });
    expect((await actsOf({ subjectId: account.id, action: 'sign-in' })).map(({ outcome }) => outcome)).toEqual([
      'wrong-credentials',
    ]);

    const client = await site.aClient({ requirePkce: false });
    await post(`${site.url}/oauth2/token/`, {
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: 'x',
    });
    await browser.visit(authorizePath(client.clientId, { scope: 'no-such-scope' }));
    expect(
      (await actsOf({ clientId: client.clientId })).map(({ action, outcome, detail }) => [
        action,
        outcome,
        detail?.error,
      ]),
    ).toEqual([
      ['token.issued', 'refused', 'invalid_client'],
      ['authorization', 'refused', 'invalid_scope'],
    ]);
  });

  test('tells of a refresh token that came twice', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ type: 'PUBLIC' });
    const { refresh_token: token } = await obtainTokens(site, client, account.username);
    const refresh = () =>
      post(`${site.url}/oauth2/token/`, {
        grant_type: 'refresh_token',
        refresh_token: String(token),
        ...inBody(client),
      });
    await refresh();
    await refresh();
    const acts = await actsOf({ clientId: client.clientId, action: 'refresh-token.reused' });
    expect(acts).toMatchObject([{ outcome: 'refused', subjectId: account.id, detail: { grantRevoked: true } }]);
  });

  test('tells of clients, their secrets and of keys', async () => {
    const admin = await site.anAccount();
    const { client } = await site.clients.create(
      { name: 'Audited', type: 'CONFIDENTIAL', grantTypes: ['CLIENT_CREDENTIALS'] },
      { accountId: admin.id },
    );
    await site.clients.rotateSecret(client.clientId, { accountId: admin.id });
    const all = await site.orm.em.fork().find(AuditEventEntity, {}, { orderBy: { id: 'asc' } });
    const acts = all.filter(({ detail }) => detail?.client === client.clientId);
    expect(acts.map(({ action, actorId }) => [action, actorId])).toEqual([
      ['client.created', admin.id],
      ['client.secret-rotated', admin.id],
    ]);
    expect((await actsOf({ action: 'signing-key.created' })).map(({ detail }) => detail?.algorithm).sort()).toEqual([
      'ES256',
      'RS256',
      'RS512',
      'RS512',
    ]);
  });

  test('tells of signing out, here and everywhere', async () => {
    const account = await site.anAccount();
    const browser = site.newBrowser();
    await browser.go('/login');
    await browser.submit({ identifier: account.username, password: testPassword });
    await browser.go('/logout?no_redirect=1');
    await site.oauth.signIn.revokeAll(account.id);
    const actions = (await actsOf({ subjectId: account.id })).map(({ action }) => action);
    expect(actions.filter((action) => action !== 'account.created')).toEqual([
      'sign-in',
      'sign-out',
      'sessions.revoked',
    ]);
  });

  test('holds no secret', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ requirePkce: false, skipConsent: true });
    const code = await obtainCode(site, client.clientId, account.username, { scope: 'openid user:read' });
    const { body } = await exchange(site, client, code);
    await introspect(site, client, body.access_token);
    await exchange(site, client, code);
    const { secret } = await site.clients.rotateSecret(client.clientId, { accountId: null });
    const all = JSON.stringify(await site.orm.em.fork().find(AuditEventEntity, {}));
    for (const hidden of [
      code,
      body.access_token,
      body.refresh_token,
      body.id_token,
      client.secret,
      secret,
      testPassword,
    ])
      expect(all).not.toContain(hidden);
    expect(all).not.toContain(account.email);
  });

  test('is read page by page, by whom it concerns', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ requirePkce: false, skipConsent: true });
    await obtainCode(site, client.clientId, account.username);
    const page = await site.audit.list({ accountId: account.id }, { size: 2 });
    expect(page.rows.map(({ action }) => action)).toEqual(['code.issued', 'sign-in']);
    expect(page.hasNextPage).toBe(true);
    const [, signIn] = page.rows;
    const next = await site.audit.list({ accountId: account.id }, { size: 2, ...(signIn && { after: signIn.id }) });
    expect(next.rows.map(({ action }) => action)).toEqual(['account.created']);
    expect([next.hasPreviousPage, next.hasNextPage]).toEqual([true, false]);
    const oldest = await site.audit.list({ accountId: account.id }, { size: 1, fromEnd: true });
    expect(oldest.rows.map(({ action }) => action)).toEqual(['account.created']);
    expect([oldest.hasPreviousPage, oldest.hasNextPage]).toEqual([true, false]);
    expect(await page.count()).toBe(3);
    expect(await site.audit.findByIds(page.rows.map(({ id }) => id))).toHaveLength(2);
  });
});
