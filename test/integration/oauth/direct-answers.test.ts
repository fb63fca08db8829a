/** Plain requests are answered without the provider's machinery; nobody can tell. */
import { afterAll, describe, expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import { startProviderSite } from '../../support/provider-site.js';
import { basic, inBody, type OAuthAnswer, obtainTokens, post } from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

/** The provider reads past a parameter that it does not know, and gets every request that has one. */
const forProvider = { unknown_to_all: 'yes' };

function comparable({ status, headers, body }: OAuthAnswer) {
  const { date: _date, ...rest } = Object.fromEntries(headers);
  return { status, headers: rest, body };
}

/** How often the database is turned to while something happens. */
async function countDatabaseUses(act: () => Promise<unknown>): Promise<number> {
  const pool = await site.orm.em.getDriver().getConnection().getNativeClient();
  let count = 0;
  const note = () => count++;
  pool.on('acquire', note);
  try {
    await act();
  } finally {
    pool.off('acquire', note);
  }
  return count;
}

describe('introspection that is asked again', () => {
  const url = `${site.url}/oauth2/introspect`;
  /** The answers to the same question by the provider and, without asking the database, directly. */
  const askBoth = async (token: unknown, form: Record<string, string>, headers: Record<string, string>) => {
    const byProvider = await post(url, { token: String(token), ...form, ...forProvider }, headers);
    const direct: OAuthAnswer[] = [];
    const uses = await countDatabaseUses(async () => {
      direct.push(await post(url, { token: String(token), ...form }, headers));
    });
    return { byProvider, direct: direct[0], uses };
  };

  test.each(['a person’s token', 'a client’s own token', 'a token of a client that acts as somebody'])(
    'answers of %s what the provider answered',
    async (what) => {
      const account = await site.anAccount();
      const client = await site.aClient({
        grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN', 'CLIENT_CREDENTIALS'],
        ...(what.endsWith('somebody') && { ownerId: account.id }),
      });
      const tokens = what.startsWith('a person')
        ? await obtainTokens(site, client, account.username, { scope: 'openid user:read' })
        : (await post(`${site.url}/oauth2/token`, { grant_type: 'client_credentials', ...inBody(client) })).body;
      const ways = [
        { form: {}, headers: basic(client) },
        { form: inBody(client), headers: {} },
        { form: { token_type_hint: 'access_token', client_id: client.clientId }, headers: basic(client) },
      ];
      for (const { form, headers } of ways) {
        const { byProvider, direct, uses } = await askBoth(tokens.access_token, form, headers);
        expect(byProvider.body.active).toBe(true);
        expect(direct && comparable(direct)).toEqual(comparable(byProvider));
        expect(uses).toBe(0);
      }
    },
  );

  test('tells nothing to who has not proven itself, or is another client', async () => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const other = await site.aClient();
    const { access_token: token } = await obtainTokens(site, client, account.username, { scope: 'openid' });
    await askBoth(token, {}, basic(client));
    const ask = (form: Record<string, string>, headers: Record<string, string> = {}) =>
      post(url, { token: String(token), ...form }, headers);
    expect((await ask({}, basic(other))).body).toEqual({ active: false });
    const wrong = { clientId: client.clientId, secret: 'wrong' };
    for (const answer of [await ask({}, basic(wrong)), await ask(inBody(wrong))])
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await ask({})).status).toBe(400);
    expect((await ask({ client_id: client.clientId })).status).toBe(401);
    expect((await ask(inBody(client), basic(client))).status).toBe(400);
    expect((await ask({ client_id: other.clientId }, basic(client))).status).toBe(400);
    const twice: [string, string][] = [
      ['token', String(token)],
      ['token', String(token)],
    ];
    expect((await post(url, twice, basic(client))).status).toBe(400);
  });

  test('says no when that is answered what ended the token, its client or its person', async () => {
    const ends: ((of: {
      token: string;
      client: { clientId: string; secret: string };
      accountId: string;
    }) => Promise<unknown>)[] = [
      ({ token, client }) => post(`${site.url}/oauth2/revoke_token`, { token, ...inBody(client) }),
      ({ accountId }) => site.oauth.signIn.revokeAll(accountId),
      ({ client, accountId }) => site.oauth.clientGrants.revoke(accountId, client.clientId),
      ({ accountId }) =>
        site.services.accountLifecycle.block(accountId, {
          actor: systemActor,
          roles: new Set(['SUPPORT', 'STAFF'] as const),
        }),
    ];
    for (const end of ends) {
      const account = await site.anAccount();
      const client = await site.aClient();
      const tokens = await obtainTokens(site, client, account.username, { scope: 'openid' });
      const token = String(tokens.access_token);
      expect((await askBoth(token, {}, basic(client))).uses).toBe(0);
      await end({ token, client, accountId: account.id });
      expect((await post(url, { token }, basic(client))).body).toEqual({ active: false });
    }
  });
});
