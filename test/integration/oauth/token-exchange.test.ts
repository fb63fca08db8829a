/** Token exchange (RFC 8693). */
import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import {
  type ClientCredentials,
  callbackUrl,
  type ProviderSite,
  startProviderSite,
} from '../../support/provider-site.js';
import {
  aVerifier,
  basic,
  bearer,
  get,
  inBody,
  introspect,
  type OAuthAnswer,
  obtainCode,
  obtainTokens,
  post,
} from './clients.js';
import { aProofKey, type ProofKey, proven } from './proofs.js';

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';
const reports = 'https://reports.example.org/';

let site: ProviderSite;
/** What the person uses, and the back end behind it. */
let app: ClientCredentials;
let backEnd: ClientCredentials;
let person: { id: string; username: string };
let subjectToken: string;
beforeAll(async () => {
  site = await startProviderSite();
  app = await site.aClient({ skipConsent: true, requirePkce: false, scopes: ['openid', 'user:read', 'learning:read'] });
  backEnd = await aBackEnd();
  person = await site.anAccount();
  subjectToken = await aSubjectToken();
});
afterAll(() => site[Symbol.asyncDispose]());

const aBackEnd = (more = {}) =>
  site.aClient({
    name: 'Reports',
    grantTypes: ['TOKEN_EXCHANGE', 'CLIENT_CREDENTIALS'],
    scopes: ['user:read', 'learning:read', 'learning:write'],
    exchangeAudiences: [reports],
    ...more,
  });

async function aSubjectToken(scope = 'openid user:read learning:read'): Promise<string> {
  return String((await obtainTokens(site, app, person.username, { scope })).access_token);
}

function exchange(
  fields: Record<string, string> | [string, string][] = {},
  by = backEnd,
  headers: Record<string, string> = {},
): Promise<OAuthAnswer> {
  const form = new Map<string, string>([
    ['grant_type', grantType],
    ['subject_token', subjectToken],
    ['subject_token_type', accessTokenType],
  ]);
  const given = Array.isArray(fields) ? fields : Object.entries(fields);
  for (const [name] of given) form.delete(name);
  const all = [...form, ...Object.entries(inBody(by)), ...given.filter(([, value]) => value !== '')];
  return post(`${site.url}/oauth2/token/`, all, headers);
}

const tokenOf = async (answer: OAuthAnswer | Promise<OAuthAnswer>) => {
  const { status, body } = await answer;
  expect(body).toMatchObject({ access_token: expect.any(String) });
  expect(status).toBe(200);
  return String(body.access_token);
};
const isActive = async (token: string, by = backEnd) => (await introspect(site, by, token)).body.active;

describe('a token for the back end', () => {
  test('has the scopes that both have, opens what they open, and says who acts', async () => {
    const answer = await exchange();
    expect(answer).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', issued_token_type: accessTokenType, scope: 'user:read learning:read' },
    });
    expect(answer.body.refresh_token).toBeUndefined();
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const token = await tokenOf(answer);
    expect((await get(`${site.url}/api/users/me`, bearer(token))).body).toMatchObject({ username: person.username });
    expect((await introspect(site, backEnd, token)).body).toMatchObject({
      active: true,
      sub: person.id,
      client_id: backEnd.clientId,
      act: { sub: backEnd.clientId },
    });
  });

  test('has fewer scopes when fewer are asked for, and never more', async () => {
    expect((await exchange({ scope: 'learning:read' })).body.scope).toBe('learning:read');
    // Of the client, but not of the subject token; of the subject token, but not of the client; of nobody.
    for (const scope of ['learning:write', 'openid', 'learning:read accounts:read', 'nonsense'])
      expect(await exchange({ scope })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    const stranger = await aBackEnd({ scopes: ['operations:admin'] });
    expect((await exchange({}, stranger)).body).toMatchObject({ error: 'invalid_scope' });
  });

  test('has no scope that the client of the other token has lost since', async () => {
    const scopes = ['user:read', 'learning:read'];
    const other = await site.aClient({ skipConsent: true, requirePkce: false, scopes });
    const tokens = await obtainTokens(site, other, person.username, { scope: 'user:read learning:read' });
    await site.clients.update(other.clientId, { scopes: ['user:read'] }, systemActor);
    const scope = await eventually('every process knows', async () => {
      const { body } = await exchange({ subject_token: String(tokens.access_token) });
      return body.scope === 'user:read learning:read' ? undefined : body.scope;
    });
    expect(scope).toBe('user:read');
  });

  test('can be one for another audience, which opens nothing here and is introspected there', async () => {
    const server = await site.aClient({
      grantTypes: ['CLIENT_CREDENTIALS'],
      metadata: { introspect_audiences: [reports] },
    });
    for (const parameter of ['audience', 'resource']) {
      const token = await tokenOf(exchange({ [parameter]: reports, scope: 'learning:read' }));
      expect((await get(`${site.url}/api/users/me`, bearer(token))).status).toBe(401);
      expect((await introspect(site, server, token)).body).toMatchObject({
        active: true,
        aud: reports,
        sub: person.id,
      });
      expect((await get(`${site.url}/oauth2/userinfo`, bearer(token))).status).toBe(403);
      expect((await exchange({ subject_token: token })).body).toMatchObject({ error: 'invalid_request' });
    }
    const jwt = await tokenOf(exchange({ audience: reports, requested_token_type: jwtType }));
    expect(decodeJwt(jwt)).toMatchObject({ aud: reports, iss: site.url });
    expect((await introspect(site, server, jwt)).body).toMatchObject({ active: true, aud: reports });
    expect((await introspect(site, app, jwt)).body).toEqual({ active: false });
    expect((await get(`${site.url}/api/users/me`, bearer(jwt))).status).toBe(401);
  });

  test('is for an audience that the client is registered for, and for one', async () => {
    const wrong = [{ audience: 'https://elsewhere.example/' }, { resource: 'https://elsewhere.example/' }];
    for (const fields of wrong)
      expect(await exchange(fields)).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    const two: [string, string][] = [
      ['audience', reports],
      ['resource', 'https://elsewhere.example/'],
    ];
    expect((await exchange(two)).body).toMatchObject({ error: 'invalid_target' });
    expect((await exchange({ audience: site.url })).status).toBe(200);
  });

  test('is a JWT when that is asked for', async () => {
    const { status, body } = await exchange({ requested_token_type: jwtType });
    expect(status).toBe(200);
    expect(body).toMatchObject({ issued_token_type: jwtType, token_type: 'Bearer' });
    expect(decodeJwt(String(body.access_token))).toMatchObject({
      preferred_username: person.username,
      grant_type: 'token-exchange',
      act: { sub: backEnd.clientId },
      scopes: ['user:read', 'learning:read'],
    });
    expect((await get(`${site.url}/api/users/me`, bearer(body.access_token))).status).toBe(200);
    expect((await introspect(site, backEnd, body.access_token)).body).toMatchObject({ act: { sub: backEnd.clientId } });
    // And a JWT can be exchanged.
    const again = await exchange({ subject_token: String(body.access_token), subject_token_type: jwtType });
    expect(again.body).toMatchObject({ scope: 'user:read learning:read', issued_token_type: accessTokenType });
  });
});

describe('who acts', () => {
  test('is the person of the actor token, when there is one', async () => {
    const desk = await aBackEnd({
      grantTypes: ['TOKEN_EXCHANGE', 'AUTHORIZATION_CODE'],
      redirectUris: [callbackUrl],
      skipConsent: true,
      requirePkce: false,
    });
    const helper = await site.anAccount();
    const { access_token: actorToken } = await obtainTokens(site, desk, helper.username, { scope: 'user:read' });
    const actor = { actor_token: String(actorToken), actor_token_type: accessTokenType };
    const token = await tokenOf(exchange(actor, desk));
    expect((await introspect(site, desk, token)).body).toMatchObject({
      sub: person.id,
      act: { sub: helper.id, client_id: desk.clientId },
    });
    // Only with a token of one's own, and one that is good.
    expect((await exchange({ ...actor, actor_token: subjectToken }, desk)).body.error).toBe('invalid_request');
    expect((await exchange({ ...actor, actor_token: 'unknown' }, desk)).body.error).toBe('invalid_request');
    expect((await exchange({ actor_token: String(actorToken) }, desk)).body.error).toBe('invalid_request');
    expect((await exchange({ actor_token_type: accessTokenType }, desk)).body.error).toBe('invalid_request');
  });

  test('is told for all through whose hands it went, which are not many', async () => {
    const second = await aBackEnd();
    const first = await tokenOf(exchange());
    const next = await tokenOf(exchange({ subject_token: first }, second));
    expect((await introspect(site, second, next)).body.act).toEqual({
      sub: second.clientId,
      act: { sub: backEnd.clientId },
    });
    let token = next;
    for (let hands = 2; hands < 5; hands++) token = await tokenOf(exchange({ subject_token: token }, second));
    expect((await exchange({ subject_token: token }, second)).body).toMatchObject({ error: 'invalid_request' });
  });

  test('is in the audit', async () => {
    const { id, username } = await site.anAccount();
    const { access_token: token } = await obtainTokens(site, app, username, { scope: 'learning:read' });
    const issued = await tokenOf(exchange({ subject_token: String(token), audience: reports }));
    const { rows } = await site.audit.list({ subjectId: id, clientId: backEnd.clientId }, { size: 5 });
    expect(rows).toMatchObject([
      {
        action: 'token.issued',
        outcome: 'success',
        detail: { grantType, scope: 'learning:read', audience: reports, act: { sub: backEnd.clientId } },
      },
    ]);
    for (const secret of [String(token), issued]) expect(JSON.stringify(rows)).not.toContain(secret);
    await exchange({ subject_token: 'unknown' });
    const refusals = await site.audit.list({ clientId: backEnd.clientId, outcome: 'refused' }, { size: 1 });
    expect(refusals.rows[0]?.detail).toMatchObject({ error: 'invalid_request' });
  });
});

describe('the new token ends', () => {
  test('no later than the other', async () => {
    await site.orm.em.fork().execute(
      `update oidc_artifact set payload = payload || jsonb_build_object('exp', extract(epoch from now())::int + 100)
       where model = 'AccessToken' and client_id = ?`,
      [app.clientId],
    );
    const { body } = await exchange();
    expect(Number(body.expires_in)).toBeLessThan(200);
    const exps = await Promise.all([introspect(site, app, subjectToken), introspect(site, backEnd, body.access_token)]);
    expect(Number(exps[1].body.exp)).toBeLessThanOrEqual(Number(exps[0].body.exp));
    subjectToken = await aSubjectToken();
  });

  const anExchange = async () => {
    const token = await aSubjectToken();
    const own = await tokenOf(exchange({ subject_token: token }));
    const handedOn = await tokenOf(exchange({ subject_token: own }, await aBackEnd()));
    expect((await get(`${site.url}/api/users/me`, bearer(handedOn))).status).toBe(200);
    return { token, own, handedOn };
  };
  const expectEnd = async (tokens: string[]) => {
    for (const token of tokens) {
      expect((await get(`${site.url}/api/users/me`, bearer(token))).status).toBe(401);
      expect(await isActive(token)).toBe(false);
      expect((await exchange({ subject_token: token })).body).toMatchObject({ error: 'invalid_request' });
    }
  };

  test('with the other, and so does what was made of it in turn', async () => {
    const { token, own, handedOn } = await anExchange();
    await post(`${site.url}/oauth2/revoke_token/`, { token }, basic(app));
    await expectEnd([own, handedOn]);
  });

  test('by itself, which leaves the other alone', async () => {
    const { token, own, handedOn } = await anExchange();
    await post(`${site.url}/oauth2/revoke_token/`, { token: own }, basic(backEnd));
    await expectEnd([own, handedOn]);
    expect((await get(`${site.url}/api/users/me`, bearer(token))).status).toBe(200);
  });

  test('when the person takes back what they allowed, or signs out everywhere', async () => {
    const first = await anExchange();
    await site.oauth.clientGrants.revoke(person.id, app.clientId);
    await expectEnd([first.own, first.handedOn]);
    const second = await anExchange();
    await site.oauth.signIn.revokeAll(person.id);
    await expectEnd([second.own, second.handedOn]);
    subjectToken = await aSubjectToken();
  });

  test('when its person is blocked', async () => {
    const other = await site.anAccount();
    const { access_token: token } = await obtainTokens(site, app, other.username, { scope: 'user:read' });
    const own = await tokenOf(exchange({ subject_token: String(token) }));
    await site.services.accountLifecycle.block(other.id, { actor: systemActor, roles: new Set(['ADMIN']) });
    expect(await isActive(own)).toBe(false);
    expect((await exchange({ subject_token: String(token) })).body).toMatchObject({ error: 'invalid_request' });
  });
});

describe('what is refused', () => {
  test.each<[string, Record<string, string>]>([
    ['no subject token', { subject_token: '' }],
    ['no type of it', { subject_token_type: '' }],
    ['another type', { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }],
    ['an unknown token', { subject_token: 'unknown' }],
    ['a token that only looks like a JWT', { subject_token: 'a.b.c', subject_token_type: jwtType }],
    ['another type that is asked for', { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }],
  ])('%s', async (_what, fields) => {
    expect(await exchange(fields)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  test('a token that is not a person’s access token', async () => {
    const { body } = await post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials', ...inBody(backEnd) });
    const tokens = await obtainTokens(site, app, person.username, { scope: 'openid user:read' });
    for (const token of [body.access_token, tokens.refresh_token, tokens.id_token])
      expect((await exchange({ subject_token: String(token) })).body).toMatchObject({ error: 'invalid_request' });
  });

  test('a client that is not registered for it, and one that cannot prove who it is', async () => {
    const others = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'] });
    expect(await exchange({}, others)).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
    expect(await exchange({}, { ...backEnd, secret: 'wrong' })).toMatchObject({ status: 401 });
    await expect(aBackEnd({ type: 'PUBLIC', grantTypes: ['TOKEN_EXCHANGE'] })).rejects.toMatchObject({
      reason: 'NEEDS_SECRET',
    });
  });

  test('a restricted client, and the token of one', async () => {
    const restrict = ({ clientId }: ClientCredentials) => {
      const restriction = { mode: 'SCOPED_JWT' as const, organizations: [], providers: [], scopes: [] };
      return site.clients.restrict(clientId, restriction, systemActor);
    };
    const held = await aBackEnd();
    await restrict(held);
    expect((await exchange({}, held)).body).toMatchObject({ error: 'unauthorized_client' });
    const other = await site.aClient({ skipConsent: true, requirePkce: false, scopes: ['learning:read'] });
    await restrict(other);
    const code = await obtainCode(site, other.clientId, person.username);
    const form = { grant_type: 'authorization_code', code, redirect_uri: callbackUrl, token_type: 'jwt' };
    const { body } = await post(`${site.url}/oauth2/token/`, { ...form, ...inBody(other) });
    expect(decodeJwt(String(body.access_token)).is_restricted).toBe(true);
    const answer = await exchange({ subject_token: String(body.access_token), subject_token_type: jwtType });
    expect(answer.body).toMatchObject({ error: 'invalid_request' });
  });

  test('audiences of a client that exchanges nothing', async () => {
    const client = site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], exchangeAudiences: [reports] });
    await expect(client).rejects.toMatchObject({ field: ['exchangeAudiences'] });
  });
});

describe('a token that is bound to a key (RFC 9449)', () => {
  let key: ProofKey;
  let bound: string;
  const tokenUrl = () => `${site.url}/oauth2/token/`;
  const proof = (by = key) => proven(by, `${site.url}/oauth2/token`, { htm: 'POST' });
  beforeAll(async () => {
    key = await aProofKey();
    const spa = await site.aClient({ skipConsent: true, metadata: { dpop_bound_access_tokens: true } });
    const { verifier, challenge } = aVerifier();
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const code = await obtainCode(site, spa.clientId, person.username, { ...pkce, scope: 'user:read' });
    const form = { grant_type: 'authorization_code', code, redirect_uri: callbackUrl, code_verifier: verifier };
    bound = String((await post(tokenUrl(), { ...form, ...inBody(spa) }, await proof())).body.access_token);
  });

  test('is exchanged by whoever has the key, for one that is bound to it as well', async () => {
    const answer = await exchange({ subject_token: bound }, backEnd, await proof());
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
    const token = await tokenOf(answer);
    expect((await get(`${site.url}/api/users/me`, bearer(token))).status).toBe(401);
    const me = `${site.url}/api/users/me`;
    expect((await get(me, await proven(key, me, { token }))).status).toBe(200);
  });

  test('is not exchanged without it, with another, or twice by one proof', async () => {
    expect((await exchange({ subject_token: bound })).body).toMatchObject({ error: 'invalid_request' });
    const other = await proof(await aProofKey());
    expect((await exchange({ subject_token: bound }, backEnd, other)).body).toMatchObject({ error: 'invalid_request' });
    const once = await proof();
    await tokenOf(exchange({ subject_token: bound }, backEnd, once));
    expect((await exchange({ subject_token: bound }, backEnd, once)).status).toBe(400);
  });

  test('is what a back end with a key of its own gets for one that is not', async () => {
    expect((await exchange({}, backEnd, await proof())).body).toMatchObject({ token_type: 'DPoP' });
  });
});

describe('clients that were not written for Portico', () => {
  test('oauth4webapi exchanges', async () => {
    const issuer = new URL(site.url);
    const options = { [oauth.allowInsecureRequests]: true };
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
    expect(as.grant_types_supported).toContain(grantType);
    const response = await oauth.genericTokenEndpointRequest(
      as,
      { client_id: backEnd.clientId },
      oauth.ClientSecretBasic(backEnd.secret),
      grantType,
      new URLSearchParams({ subject_token: subjectToken, subject_token_type: accessTokenType }),
      options,
    );
    const result = await oauth.processGenericTokenEndpointResponse(as, { client_id: backEnd.clientId }, response);
    expect(result).toMatchObject({ issued_token_type: accessTokenType, scope: 'user:read learning:read' });
  });

  test('openid-client exchanges', async () => {
    const config = await client.discovery(
      new URL(site.url),
      backEnd.clientId,
      undefined,
      client.ClientSecretPost(backEnd.secret),
      { execute: [client.allowInsecureRequests] },
    );
    const result = await client.genericGrantRequest(config, grantType, {
      subject_token: subjectToken,
      subject_token_type: accessTokenType,
      audience: reports,
    });
    expect(result).toMatchObject({ issued_token_type: accessTokenType, token_type: 'bearer' });
  });
});
