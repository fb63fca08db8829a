/** Plain requests are answered without the provider's machinery; nobody can tell. */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import Provider from 'oidc-provider';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { callbackUrl, startProviderSite } from '../../support/provider-site.js';
import {
  authorize,
  authorizePath,
  aVerifier,
  basic,
  bearer,
  exchange,
  get,
  inBody,
  introspect,
  type OAuthAnswer,
  obtainCode,
  obtainTokens,
  post,
} from './clients.js';

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());

/** The provider reads past a parameter that it does not know, and gets every request that has one. */
const forProvider = { unknown_to_all: 'yes' };

function comparable({ status, headers, body }: OAuthAnswer) {
  const { date: _date, ...rest } = Object.fromEntries(headers);
  return { status, headers: rest, body };
}

/** How many requests the provider handled itself while something was asked, and the answer. */
async function askCounting(ask: () => Promise<OAuthAnswer>): Promise<[byProvider: number, answer: OAuthAnswer]> {
  // Part of the library below the provider that its types leave out.
  const prototype: { handleRequest(): unknown } = Object(Provider.prototype);
  const handled = vi.spyOn(prototype, 'handleRequest');
  try {
    const answer = await ask();
    return [handled.mock.calls.length, answer];
  } finally {
    handled.mockRestore();
  }
}

/** The answers to one request: by the provider, and directly. */
async function askBoth(ask: (more: Record<string, string>) => Promise<OAuthAnswer>): Promise<OAuthAnswer[]> {
  const [once, byProvider] = await askCounting(() => ask(forProvider));
  const [never, direct] = await askCounting(() => ask({}));
  expect([once, never]).toEqual([1, 0]);
  return [byProvider, direct];
}

/** What differs between any two answers that give tokens, by the kind of what is there instead. */
function withoutTokens({ body, ...answer }: OAuthAnswer) {
  const kinds = Object.entries(body).map(([name, value]) =>
    name.endsWith('_token') ? [name, /^[\w-]{43}$/.test(String(value)) ? 'opaque' : typeof value] : [name, value],
  );
  return comparable({ ...answer, body: Object.fromEntries(kinds) });
}

/** What is stored of a client's newest artifacts and acts, without what differs between any two of them. */
async function keptOf(clientId: string, models: readonly string[], action = 'token.issued') {
  const em = site.orm.em.fork();
  const artifacts = await em.execute(
    `select distinct on (model) model, length(id) as id, grant_id is null as "isAlone", account_id, client_id,
        payload - '{iat,exp,iiat,jti,grantId,authTime}'::text[] as payload,
        round(extract(epoch from expires_at - created_at)) as life,
        (payload ->> 'exp')::int - (payload ->> 'iat')::int as "ownLife"
      from oidc_artifact where client_id = ? and model = any(string_to_array(?, ' ')) order by model, created_at desc`,
    [clientId, models.join(' ')],
  );
  const [act] = await em.execute(
    `select action, outcome, actor_id, client_id, subject_id, address, detail from audit_event
      where client_id = ? and action = ? order by id desc limit 1`,
    [clientId, action],
  );
  return { artifacts, act };
}

describe('introspection that is asked again', () => {
  const url = `${site.url}/oauth2/introspect`;
  const askAgain = async (token: unknown, form: Record<string, string>, headers: Record<string, string>) => {
    // What is read while something of it changes is not kept, and the client is new.
    await site.changes.everyoneHeard();
    return askBoth((more) => post(url, { token: String(token), ...form, ...more }, headers));
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
        const [byProvider, direct] = (await askAgain(tokens.access_token, form, headers)).map(comparable);
        expect(byProvider?.body.active).toBe(true);
        expect(direct).toEqual(byProvider);
      }
    },
  );

  test('tells nothing to who has not proven itself, or is another client', async () => {
    const account = await site.anAccount();
    const client = await site.aClient();
    const other = await site.aClient();
    const { access_token: token } = await obtainTokens(site, client, account.username, { scope: 'openid' });
    await askAgain(token, {}, basic(client));
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
      await askAgain(token, {}, basic(client));
      await end({ token, client, accountId: account.id });
      expect((await post(url, { token }, basic(client))).body).toEqual({ active: false });
    }
  });
});

describe('a client’s own token', () => {
  const url = `${site.url}/oauth2/token`;
  const aService = (scopes = ['user:read', 'learning:read']) =>
    site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], scopes });
  const ask = (form: Record<string, string>, headers: Record<string, string> = {}) =>
    post(url, { grant_type: 'client_credentials', ...form }, headers);

  test.each([{}, { scope: 'user:read' }, { scope: 'learning:read user:read user:read' }, { scope: '' }])(
    'is the same, and as well recorded, as the provider’s for %j',
    async (form) => {
      const client = await aService();
      for (const [proof, headers] of [
        [inBody(client), {}],
        [{}, basic(client)],
      ] as const) {
        const kept: Awaited<ReturnType<typeof keptOf>>[] = [];
        const answers = await askBoth(async (more) => {
          const answer = await ask({ ...form, ...proof, ...more }, headers);
          kept.push(await keptOf(client.clientId, ['ClientCredentials']));
          return answer;
        });
        const [byProvider, direct] = answers.map(withoutTokens);
        expect(direct).toEqual(byProvider);
        expect(direct?.status).toBe(200);
        expect(kept[1]).toEqual(kept[0]);
        expect(kept[0]?.artifacts).toHaveLength(1);
      }
    },
  );

  test('is refused as the provider refuses it', async () => {
    const client = await aService();
    const person = await site.aClient({ grantTypes: ['AUTHORIZATION_CODE'] });
    const requests: [Record<string, string>, Record<string, string>?][] = [
      [{ scope: 'user:write', ...inBody(client) }],
      [{ scope: 'profile', ...inBody(client) }],
      [{ scope: 'user:read  learning:read', ...inBody(client) }],
      [{ scope: '"', ...inBody(client) }],
      [inBody(person)],
      [{ ...inBody(client), client_secret: 'wrong' }],
      [{ client_id: client.clientId }],
      [inBody(client), basic(client)],
      [{ resource: 'https://example.org', ...inBody(client) }],
      [inBody(client), { origin: 'https://elsewhere.example' }],
      [inBody(client), { dpop: 'x' }],
    ];
    for (const [form, headers = {}] of requests) {
      const answer = await ask(form, headers);
      expect(answer.status, JSON.stringify(form)).toBeOneOf([400, 401]);
      expect(comparable(answer)).toEqual(comparable(await ask({ ...form, ...forProvider }, headers)));
    }
  });

  test('comes in the form of Open edX to who asks for that', async () => {
    const client = await aService();
    for (const [form, headers] of [
      [{ token_type: 'jwt' }, {}],
      [{}, { 'x-token-type': 'JWT' }],
    ] as const) {
      const answer = await ask({ ...form, ...inBody(client) }, headers);
      expect(answer.body).toMatchObject({ token_type: 'JWT', access_token: expect.stringContaining('.') });
    }
  });
});

describe('a person’s tokens', () => {
  const url = `${site.url}/oauth2/token`;
  const models = ['AccessToken', 'RefreshToken'];
  const aClient = (more: Partial<Parameters<typeof site.aClient>[0]> = {}) =>
    site.aClient({
      skipConsent: true,
      requirePkce: false,
      scopes: ['openid', 'profile', 'email', 'user:read'],
      ...more,
    });

  /** What an ID token says, without what differs between any two. */
  const saidBy = ({ body }: OAuthAnswer) => {
    if (typeof body.id_token !== 'string') return undefined;
    const { iat, exp, ...claims } = decodeJwt(body.id_token);
    return { header: decodeProtectedHeader(body.id_token), life: Number(exp) - Number(iat), ...claims };
  };
  /** Asks both ways. @returns each answer with its ID token, what was stored, and the newest record */
  const compare = async (clientId: string, ask: (more: Record<string, string>) => Promise<OAuthAnswer>) => {
    const all: unknown[] = [];
    const answers = await askBoth(async (more) => {
      const answer = await ask(more);
      all.push({ answer: withoutTokens(answer), says: saidBy(answer), kept: await keptOf(clientId, models) });
      return answer;
    });
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(all[1]).toEqual(all[0]);
    return answers;
  };

  test.each([
    { scope: 'openid profile email user:read', nonce: 'a-nonce' },
    { scope: 'user:read' },
    { scope: 'email openid' },
    {},
  ])('for a code asked for with %j are the same, and as well recorded, as the provider’s', async (parameters) => {
    const account = await site.anAccount();
    for (const grantTypes of [['AUTHORIZATION_CODE'], ['AUTHORIZATION_CODE', 'REFRESH_TOKEN']] as const) {
      const client = await aClient({ grantTypes: [...grantTypes] });
      const browser = site.newBrowser();
      const { verifier, challenge } = aVerifier();
      const path = authorizePath(client.clientId, {
        ...parameters,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      });
      const codes = [
        await authorize(browser, path, account.username),
        await authorize(browser, path, account.username),
      ].map((answer) => answer.get('code') ?? '');
      await compare(client.clientId, (more) =>
        exchange(site, client, codes.pop() ?? '', { code_verifier: verifier, ...more }),
      );
    }
  });

  test('for a refresh token are the same, and as well recorded, as the provider’s', async () => {
    const account = await site.anAccount();
    const client = await aClient();
    const tokens = await obtainTokens(site, client, account.username, { scope: 'openid profile user:read' });
    for (const [form, headers] of [
      [{}, basic(client)],
      [inBody(client), {}],
      [{ scope: 'user:read', ...inBody(client) }, {}],
      [{ scope: 'user:read openid', ...inBody(client) }, {}],
    ] as const)
      await compare(client.clientId, (more) =>
        post(
          url,
          { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token), ...form, ...more },
          headers,
        ),
      );
  });

  test('are refused as the provider refuses them', async () => {
    const account = await site.anAccount();
    const client = await aClient();
    const other = await aClient();
    const tokens = await obtainTokens(site, client, account.username, { scope: 'openid' });
    const refresh = (form: Record<string, string>) => ({
      grant_type: 'refresh_token',
      refresh_token: String(tokens.refresh_token),
      ...form,
    });
    const code = (form: Record<string, string>) => ({
      grant_type: 'authorization_code',
      code: 'unknown',
      redirect_uri: callbackUrl,
      ...form,
    });
    for (const form of [
      refresh(inBody(other)),
      refresh({ ...inBody(client), client_secret: 'wrong' }),
      refresh({ scope: 'openid profile', ...inBody(client) }),
      refresh({ refresh_token: String(tokens.access_token), ...inBody(client) }),
      refresh({ refresh_token: '', ...inBody(client) }),
      code(inBody(client)),
      code({ redirect_uri: '', ...inBody(client) }),
      code({ code: String(tokens.refresh_token), ...inBody(client) }),
    ]) {
      const answer = await post(url, form);
      expect(answer.status, JSON.stringify(form)).toBeOneOf([400, 401]);
      expect(comparable(answer)).toEqual(comparable(await post(url, { ...form, ...forProvider })));
    }
  });

  test('are given for a code to whoever shows what it was asked for with, once', async () => {
    const account = await site.anAccount();
    const client = await aClient();
    const { verifier, challenge } = aVerifier();
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const refused = { status: 400, body: { error: 'invalid_grant' } };
    const bound = await obtainCode(site, client.clientId, account.username, pkce);
    expect(await exchange(site, client, bound)).toMatchObject(refused);
    expect(await exchange(site, client, bound, { code_verifier: aVerifier().verifier })).toMatchObject(refused);
    expect(await exchange(site, client, bound, { code_verifier: verifier, redirect_uri: 'http://x' })).toMatchObject(
      refused,
    );
    const free = await obtainCode(site, client.clientId, account.username);
    expect(await exchange(site, client, free, { code_verifier: verifier })).toMatchObject(refused);
    const code = await obtainCode(site, client.clientId, account.username, pkce);
    const attempts = await Promise.all(
      Array.from({ length: 20 }, () => exchange(site, client, code, { code_verifier: verifier })),
    );
    expect(attempts.filter(({ status }) => status === 200)).toHaveLength(1);
    // Whoever has a code twice has let it be seen: what it gave to the first is taken back.
    const token = attempts.find(({ status }) => status === 200)?.body.access_token;
    expect((await introspect(site, client, token)).body).toEqual({ active: false });
  });
});

describe('the person of a token', () => {
  test.each(['openid', 'openid profile email user:read', 'email openid'])(
    'is told with %j as the provider tells it',
    async (scope) => {
      const account = await site.anAccount();
      const client = await site.aClient({ scopes: ['openid', 'profile', 'email', 'user:read'], skipConsent: true });
      const tokens = await obtainTokens(site, client, account.username, { scope });
      const ask = ({ unknown_to_all: more }: Record<string, string>) =>
        get(`${site.url}/oauth2/userinfo${more ? `?x=${more}` : ''}`, bearer(tokens.access_token));
      const [byProvider, direct] = (await askBoth(ask)).map(comparable);
      expect(byProvider?.status).toBe(200);
      expect(direct).toEqual(byProvider);
    },
  );

  test('is not told by a token that is no such token', async () => {
    const account = await site.anAccount();
    const client = await site.aClient({ grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN', 'CLIENT_CREDENTIALS'] });
    const tokens = await obtainTokens(site, client, account.username, { scope: 'openid' });
    const own = await post(`${site.url}/oauth2/token`, { grant_type: 'client_credentials', ...inBody(client) });
    const without = await obtainTokens(site, client, account.username, { scope: 'email' });
    for (const token of [tokens.refresh_token, own.body.access_token, without.access_token, 'unknown']) {
      const answer = await get(`${site.url}/oauth2/userinfo`, bearer(token));
      expect(answer.status).toBeOneOf([401, 403]);
      expect(comparable(answer)).toEqual(comparable(await get(`${site.url}/oauth2/userinfo?x=1`, bearer(token))));
    }
  });
});

describe('a person who comes back from a client that was given all it asks for', () => {
  const scopes = ['openid', 'profile', 'email', 'user:read'];
  const { challenge } = aVerifier();

  /** A redirect, but for the code, which is told where it is. */
  const redirected = ({ headers, status, body }: OAuthAnswer) => {
    const { date: _date, 'set-cookie': _cookie, 'content-length': _length, ...rest } = Object.fromEntries(headers);
    const location = new URL(String(headers.get('location')));
    const code = location.searchParams.get('code') ?? 'none';
    const text = String(body.text).replace(code, 'CODE');
    return { status, body: text, headers: { ...rest, location: location.href.replace(code, 'CODE') } };
  };
  const aVisit = async (more: Partial<Parameters<typeof site.aClient>[0]> = {}) => {
    const account = await site.anAccount();
    const client = await site.aClient({ skipConsent: true, requirePkce: false, scopes, ...more });
    const browser = site.newBrowser();
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    await authorize(browser, authorizePath(client.clientId, { scope: scopes.join(' '), ...pkce }), account.username);
    const ask = (parameters: Record<string, string | undefined>, headers: Record<string, string> = {}) =>
      get(site.url + authorizePath(client.clientId, parameters), {
        cookie: browser.cookieHeader(),
        'user-agent': 'node',
        ...headers,
      });
    // From now on from here, as far as the session knows.
    await ask({ scope: 'openid' });
    return { account, client, browser, ask };
  };

  test.each([
    { scope: scopes.join(' '), nonce: 'a-nonce', state: 'a state & more' },
    { scope: 'user:read email', state: undefined },
    { scope: 'openid profile', code_challenge: challenge, code_challenge_method: 'S256' },
  ])('is sent on with %j as by the provider, and it is as well recorded', async (parameters) => {
    const { client, ask } = await aVisit();
    const all: unknown[] = [];
    const answers = await askBoth(async (more) => {
      const answer = await ask({ ...parameters, ...more });
      const kept = await keptOf(client.clientId, ['AuthorizationCode'], 'code.issued');
      all.push({ answer: redirected(answer), kept });
      return answer;
    });
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(all[1]).toEqual(all[0]);
    const codes = answers.map(({ headers }) => new URL(String(headers.get('location'))).searchParams.get('code'));
    expect(codes[1]).toMatch(/^[\w-]{43}$/);
    expect(codes[1]).not.toBe(codes[0]);
  });

  test('is dealt with by the provider in all else', async () => {
    const { browser, ask } = await aVisit();
    const other = await site.aClient({ skipConsent: true, requirePkce: false, scopes });
    for (const [parameters, headers] of [
      [{ scope: 'openid', prompt: 'none' }],
      [{ scope: 'openid', prompt: 'login' }],
      [{ scope: 'openid', max_age: '0' }],
      [{ scope: 'openid', acr_values: 'aal2' }],
      [{ scope: 'openid', claims: '{}' }],
      [{ scope: 'openid', response_mode: 'form_post' }],
      [{ scope: 'openid', client_id: other.clientId }],
      [{ scope: 'openid', redirect_uri: 'http://client.localhost:9000/elsewhere' }],
      [{ scope: 'openid', response_type: 'token' }],
      [{ scope: 'openid offline_access' }],
      [{ scope: 'openid nothing' }],
      [{ scope: 'learning:read' }],
      [{ scope: 'user:read', nonce: 'n' }],
      [{ scope: undefined }],
      [{ scope: 'openid', code_challenge: challenge, code_challenge_method: 'plain' }],
      [{ scope: 'openid', code_challenge: 'short', code_challenge_method: 'S256' }],
      [{ scope: 'openid' }, { cookie: '' }],
      [{ scope: 'openid' }, { cookie: browser.cookieHeader().replace(/portico_session=(?=.)/, 'portico_session=_') }],
      [{ scope: 'openid' }, { 'user-agent': 'another' }],
    ] as [Record<string, string | undefined>, Record<string, string>?][]) {
      const [byProvider, answer] = await askCounting(() => ask(parameters, headers));
      expect(byProvider, JSON.stringify([parameters, headers])).toBeGreaterThanOrEqual(1);
      expect(answer.status).toBeOneOf([200, 303, 400]);
    }
    const strict = await aVisit({ requirePkce: true });
    const [byProvider] = await askCounting(() => strict.ask({ scope: 'openid' }));
    expect(byProvider).toBeGreaterThanOrEqual(1);
  });

  test('is asked to sign in again once the session has ended, or the account may not be used', async () => {
    const out = await aVisit();
    expect((await out.ask({ scope: 'openid' })).headers.get('location')).toContain('code=');
    await site.oauth.signIn.revokeAll(out.account.id);
    expect((await out.ask({ scope: 'openid' })).headers.get('location')).toContain('/login/');
    const off = await aVisit();
    await site.orm.em.fork().nativeUpdate(AccountEntity, { id: off.account.id }, { status: 'BLOCKED' });
    expect((await off.ask({ scope: 'openid' })).headers.get('location')).toContain('/login/');
    const taken = await aVisit();
    await site.oauth.clientGrants.revoke(taken.account.id, taken.client.clientId);
    const [byProvider] = await askCounting(() => taken.ask({ scope: 'openid' }));
    expect(byProvider).toBeGreaterThanOrEqual(1);
  });
});
