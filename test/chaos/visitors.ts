import { createHash, randomBytes } from 'node:crypto';
import { Browser } from '../support/browser.js';

/** Somebody who keeps asking, with what they have. */
export interface Visitor {
  name: string;
  /** @returns the status of the answer, and what is wrong with it, if anything */
  visit(): Promise<{ status: string; problem?: string }>;
}

const callback = 'http://client.localhost:9000/callback';

/**
 * Makes people with sessions, clients with tokens of each kind, and what they ask for over and over.
 *
 * @param urls - of the processes, which the visitors share among them
 */
export async function createVisitors({
  urls,
  count,
  runPortico,
}: {
  urls: readonly string[];
  count: number;
  runPortico(args: readonly string[]): Promise<Record<string, string>>;
}): Promise<Visitor[]> {
  const admin = await runPortico(['create-admin', '--email', 'olga@example.org', '--name', 'Olga Ops']);
  const service = await runPortico([
    ...['create-client', '--name', 'Service', '--grant', 'client_credentials'],
    ...['--owner', admin.username ?? '', '--scope', 'user:read'],
  ]);
  const mobile = await runPortico([
    ...['create-client', '--name', 'Mobile', '--public', '--redirect-uri', callback],
    ...['--grant', 'authorization_code', 'refresh_token', '--scope', 'openid user:read'],
  ]);
  const urlOf = (index: number) => urls[index % urls.length] ?? '';
  const visitors: Visitor[] = [];
  for (let index = 0; index < count; index++) {
    const url = urlOf(index);
    const browser = new Browser(url);
    await browser.go('/login');
    await browser.submit({ identifier: admin.username ?? '', password: admin.password ?? '' });
    const tokens = await signInTo(mobile.clientId ?? '', browser, url);
    const cookie = browser.cookieHeader('/account');
    visitors.push(
      asking('client credentials', () =>
        post(`${url}/oauth2/token/`, {
          grant_type: 'client_credentials',
          client_id: service.clientId ?? '',
          client_secret: service.clientSecret ?? '',
        }),
      ),
      asking('session', () =>
        fetch(`${url}/account`, { headers: { accept: 'text/html', cookie }, redirect: 'manual' }),
      ),
      asking('access token', () =>
        fetch(`${url}/api/users/me`, { headers: { authorization: `Bearer ${tokens.accessToken}` } }),
      ),
      asking('graph', () =>
        fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.accessToken}` },
          body: JSON.stringify({ query: '{ viewer { username } }' }),
        }),
      ),
      refreshing(url, mobile.clientId ?? '', tokens.refreshToken),
    );
  }
  return visitors;
}

/** Anything but the answer, or a 503 that says when to come again, is a loss. */
function asking(name: string, ask: () => Promise<Response>): Visitor {
  return {
    name,
    async visit() {
      try {
        const answer = await ask();
        const body = await answer.text();
        const status = String(answer.status);
        if (answer.status === 200 && !body.includes('"errors"')) return { status };
        if (answer.status === 503 && answer.headers.has('retry-after')) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          return { status };
        }
        return { status, problem: `${status} ${body.slice(0, 200)}` };
      } catch (error) {
        return { status: 'no answer', problem: String(error) };
      }
    },
  };
}

/** Uses each refresh token once, and again as long as it was not given a new one. */
function refreshing(url: string, clientId: string, first: string): Visitor {
  let token = first;
  return asking('refresh token', async () => {
    const answer = await post(`${url}/oauth2/token/`, {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: token,
    });
    if (answer.ok) token = readText(await answer.clone().json(), 'refresh_token');
    return answer;
  });
}

async function signInTo(clientId: string, browser: Browser, url: string) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid user:read',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  let page = await browser.go(`/oauth2/authorize/?${query}`);
  if (page.url.includes('/consent/')) page = await browser.submit({ decision: 'allow' });
  const code = new URL(page.url).searchParams.get('code');
  if (!code) throw new Error(`no code: ${page.url} ${page.text.slice(0, 300)}`);
  const answer = await post(`${url}/oauth2/token/`, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    code_verifier: verifier,
    redirect_uri: callback,
  });
  const body: unknown = await answer.json();
  return { accessToken: readText(body, 'access_token'), refreshToken: readText(body, 'refresh_token') };
}

function post(url: string, form: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(form) });
}

function readText(body: unknown, name: string): string {
  const value = body instanceof Object ? Object.entries(body).find(([key]) => key === name)?.[1] : undefined;
  if (typeof value !== 'string') throw new Error(`no ${name} in ${JSON.stringify(body)}`);
  return value;
}
