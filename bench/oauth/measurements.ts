import type { Request } from 'autocannon';
import { clients, type Side } from './side.js';

/** One thing that one side is asked to do, again and again. */
export interface Measurement {
  name: string;
  side: Side;
  /** In this order over each connection; together they are one operation. */
  requests: Request[];
  /** What must be answered, and nothing else, for the measurement to count. */
  statuses: readonly number[];
  /** What each answer must hold; nothing, where answers differ. */
  mustHold: string;
}

/** What a side was given before it is measured. */
interface Standing {
  side: Side;
  /** Of sessions, each of its own. */
  cookies: string[];
  accessToken: string;
  refreshTokens: string[];
}

type Client = (typeof clients)[keyof typeof clients];

const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' };
const redirectUri = 'http://client.localhost:9000/callback';

/** @param sessions - how many; more than there are connections, so that no two use one at the same time */
export async function prepareSide(side: Side, sessions: number): Promise<Measurement[]> {
  const cookies: string[] = [];
  for (let i = 0; i < sessions; i++) cookies.push(await side.signIn());
  const refreshTokens: string[] = [];
  for (const cookie of cookies)
    refreshTokens.push((await obtainTokens(side, clients.refreshing, cookie)).refresh_token);
  const { access_token: accessToken } = await obtainTokens(side, clients.web, cookies[0] ?? '');
  return measurementsOf({ side, cookies, accessToken, refreshTokens });
}

function measurementsOf(standing: Standing): Measurement[] {
  const { side, accessToken } = standing;
  const bearer = { authorization: `Bearer ${accessToken}` };
  const one = (what: string, mustHold: string, request: Request): Measurement => ({
    name: what,
    side,
    requests: [request],
    statuses: [200],
    mustHold,
  });
  const all = [
    one(
      'client_credentials',
      'access_token',
      tokenRequest(clients.service, { grant_type: 'client_credentials', scope: 'user:read' }),
    ),
    one('introspection', '"active":true', {
      ...tokenRequest(clients.web, { token: accessToken }),
      path: pathOf(side, 'introspection'),
    }),
    one('refresh', 'access_token', refreshRequest(standing)),
    { name: 'code flow', side, requests: codeFlow(standing), statuses: [303, 200], mustHold: '' },
    one('userinfo', '@example.org', { method: 'GET', path: pathOf(side, 'userinfo'), headers: bearer }),
  ];
  return (side.name === 'peer' ? all : [...all, ...ownDoors(one, bearer)]).map((measurement) => ({
    ...measurement,
    requests: measurement.requests.map((request) => ({ ...request, path: request.path ?? pathOf(side, 'token') })),
  }));
}

/** What only Portico has: its own doors behind the same tokens. */
function ownDoors(
  one: (what: string, mustHold: string, request: Request) => Measurement,
  bearer: Record<string, string>,
): Measurement[] {
  const body = JSON.stringify({ query: 'query Trivial { __typename }' });
  return [
    one('/api/users/me', '@example.org', { method: 'GET', path: '/api/users/me', headers: bearer }),
    one('/graphql', '"__typename":"Query"', {
      method: 'POST',
      path: '/graphql',
      headers: { ...bearer, 'content-type': 'application/json' },
      body,
    }),
  ];
}

const paths = {
  portico: {
    authorization: '/oauth2/authorize',
    token: '/oauth2/token',
    introspection: '/oauth2/introspect',
    userinfo: '/oauth2/userinfo',
  },
  peer: { authorization: '/auth', token: '/token', introspection: '/token/introspection', userinfo: '/me' },
};

function pathOf(side: Side, endpoint: keyof typeof paths.peer): string {
  return paths[side.name][endpoint];
}

function tokenRequest(client: Client, form: Record<string, string>): Request {
  const credentials = Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64');
  const headers = { ...formHeaders, authorization: `Basic ${credentials}` };
  return { method: 'POST', headers, body: new URLSearchParams(form).toString() };
}

/** Clients that authenticate keep their refresh token, so that each can be used as often as one likes. */
function refreshRequest({ refreshTokens }: Standing): Request {
  let turn = 0;
  const requests = refreshTokens.map((token) =>
    tokenRequest(clients.refreshing, { grant_type: 'refresh_token', refresh_token: token }),
  );
  return {
    ...tokenRequest(clients.refreshing, {}),
    setupRequest: (request) => ({ ...request, body: requests[turn++ % requests.length]?.body ?? '' }),
  };
}

/** A single sign-on: authorize with a session, exchange the code, read the person. */
function codeFlow({ side, cookies }: Standing): Request[] {
  let turn = 0;
  // Autocannon gives the requests of one round an object to share, and knows nothing of what is in it.
  type Round = { code?: string | undefined; token?: string };
  return [
    {
      method: 'GET',
      path: authorizationPath(side, clients.web),
      setupRequest: (request) => ({
        ...request,
        headers: { ...request.headers, cookie: cookies[turn++ % cookies.length] ?? '' },
      }),
      onResponse: (_status, _body, round: Round, headers) => {
        round.code = codeIn(String(headers?.location ?? headers?.Location));
      },
    },
    {
      ...tokenRequest(clients.web, {}),
      setupRequest: (request, { code }: Round) => ({ ...request, body: codeForm(code ?? '').toString() }),
      onResponse: (_status, body, round: Round) => {
        round.token = String(JSON.parse(body).access_token);
      },
    },
    {
      method: 'GET',
      path: pathOf(side, 'userinfo'),
      setupRequest: (request, { token }: Round) => ({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${token}` },
      }),
    },
  ];
}

async function obtainTokens(
  side: Side,
  client: Client,
  cookie: string,
): Promise<{ access_token: string; refresh_token: string }> {
  const authorization = await fetch(side.url + authorizationPath(side, client), {
    headers: { cookie },
    redirect: 'manual',
  });
  const code = codeIn(authorization.headers.get('location') ?? '');
  const { headers } = tokenRequest(client, {});
  const answer = await fetch(side.url + pathOf(side, 'token'), {
    method: 'POST',
    headers: { ...formHeaders, authorization: String(headers?.authorization) },
    body: codeForm(code ?? ''),
  });
  if (!answer.ok) throw new Error(`${side.name} gave no tokens: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { access_token: string; refresh_token: string };
}

function authorizationPath(side: Side, client: Client): string {
  const parameters = {
    client_id: client.client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email user:read',
    state: 'a-state',
  };
  return `${pathOf(side, 'authorization')}?${new URLSearchParams(parameters)}`;
}

function codeForm(code: string): URLSearchParams {
  return new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri });
}

function codeIn(location: string): string | undefined {
  return URL.parse(location)?.searchParams.get('code') ?? undefined;
}
