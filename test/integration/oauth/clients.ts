import { createHash, randomBytes } from 'node:crypto';
import type { Browser } from '../../support/browser.js';
import { type ClientCredentials, callbackUrl, type ProviderSite, testPassword } from '../../support/provider-site.js';

export interface OAuthAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** POSTs a form, as clients do. */
export async function post(
  url: string,
  form: Record<string, string> | [string, string][],
  headers: Record<string, string> = {},
): Promise<OAuthAnswer> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers, redirect: 'manual' });
  return toAnswer(response);
}

export async function get(url: string, headers: Record<string, string> = {}): Promise<OAuthAnswer> {
  return toAnswer(await fetch(url, { headers, redirect: 'manual' }));
}

async function toAnswer(response: Response): Promise<OAuthAnswer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parse(text) };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return value instanceof Object ? { ...value } : { text };
  } catch {
    return { text };
  }
}

export function basic({ clientId, secret }: ClientCredentials): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` };
}

export function bearer(token: unknown): Record<string, string> {
  return { authorization: `Bearer ${String(token)}` };
}

export function inBody({ clientId, secret }: ClientCredentials): Record<string, string> {
  return { client_id: clientId, ...(secret && { client_secret: secret }) };
}

export function aVerifier(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The path of an authorization request. */
export function authorizePath(clientId: string, parameters: Record<string, string | undefined> = {}): string {
  const all = {
    client_id: clientId,
    redirect_uri: callbackUrl,
    response_type: 'code',
    state: 'a-state',
    ...parameters,
  };
  const given = Object.entries(all).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  return `/oauth2/authorize/?${new URLSearchParams(given)}`;
}

/** Signs in, allows whatever is asked. @returns the parameters that come back to the client */
export async function authorize(
  browser: Browser,
  path: string,
  username: string,
  { firstVisit }: { firstVisit?: Awaited<ReturnType<Browser['go']>> } = {},
): Promise<URLSearchParams> {
  let page = firstVisit ?? (await browser.go(path));
  if (page.status === 200 && page.url.includes('/login/'))
    page = await browser.submit({ identifier: username, password: testPassword });
  if (page.status === 200 && page.url.includes('/consent/')) page = await browser.submit({ decision: 'allow' });
  const url = new URL(page.url);
  if (!page.url.startsWith(callbackUrl.slice(0, 22)))
    throw new Error(`ended at ${page.url}: ${page.text.slice(0, 400)}`);
  return url.searchParams;
}

/** A code of a person who signs in in a new browser. */
export async function obtainCode(
  site: ProviderSite,
  clientId: string,
  username: string,
  parameters: Record<string, string | undefined> = {},
): Promise<string> {
  const answer = await authorize(site.newBrowser(), authorizePath(clientId, parameters), username);
  const code = answer.get('code');
  if (!code) throw new Error(`no code: ${answer}`);
  return code;
}

export function exchange(
  site: ProviderSite,
  client: ClientCredentials,
  code: string,
  more: Record<string, string> = {},
): Promise<OAuthAnswer> {
  return post(`${site.url}/oauth2/token/`, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: callbackUrl,
    ...inBody(client),
    ...more,
  });
}

/** Tokens of a person for a client, by the whole code flow. */
export async function obtainTokens(
  site: ProviderSite,
  client: ClientCredentials,
  username: string,
  parameters: Record<string, string | undefined> = {},
): Promise<Record<string, unknown>> {
  const { verifier, challenge } = aVerifier();
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
  const code = await obtainCode(site, client.clientId, username, { ...pkce, ...parameters });
  const { status, body } = await exchange(site, client, code, { code_verifier: verifier });
  if (status !== 200) throw new Error(`no tokens: ${JSON.stringify(body)}`);
  return body;
}

export async function introspect(site: ProviderSite, client: ClientCredentials, token: unknown): Promise<OAuthAnswer> {
  return post(`${site.url}/oauth2/introspect/`, { token: String(token) }, basic(client));
}
