import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { request } from 'undici';
import type { Lms } from '../lms.js';
import type { ProviderConfig, ProviderEndpoints } from '../rows.js';

/** Redirects that are followed before the LMS's HTTP library gives up. */
const MOST_REDIRECTS = 30;

/** What Portico answered, or that it could not be reached. */
export type ProviderAnswer = { readonly status: number; readonly body: string } | { readonly status: null };

/** Who Portico says a token belongs to. Only these keys are read. */
export interface ProviderUser {
  /** The `username` key; the text `None` when it is missing, as the LMS stores it. */
  readonly uid: string;
  readonly email: string;
  readonly name: string;
}

export function endpointsOf(lms: Lms, provider: ProviderConfig): ProviderEndpoints {
  const root = lms.porticoUrl();
  return (
    provider.endpoints ?? {
      authorizationUrl: `${root}/oauth2/authorize/`,
      accessTokenUrl: `${root}/oauth2/token/`,
      apiRoot: `${root}/`,
    }
  );
}

/** Asks Portico whose token this is: `GET {API_ROOT}api/users/me`, the token as it came. */
export function requestUser(endpoints: ProviderEndpoints, accessToken: string): Promise<ProviderAnswer> {
  const url = `${endpoints.apiRoot.replace(/\/*$/, '/')}api/users/me`;
  return send(url, { method: 'GET', headers: { accept: '*/*', authorization: `Bearer ${accessToken}` } });
}

/** Trades the code for a token: `client_secret_post`, no PKCE. */
export function requestToken(
  endpoints: ProviderEndpoints,
  form: Readonly<Record<string, string>>,
): Promise<ProviderAnswer> {
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  return send(endpoints.accessTokenUrl, { method: 'POST', headers, body: new URLSearchParams(form).toString() });
}

/** The JSON object of an answer; null when it is none. */
export function jsonObject(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

export function providerUser(object: Readonly<Record<string, unknown>>): ProviderUser {
  const { username, email, name } = object;
  return {
    uid: username === undefined || username === null ? 'None' : String(username),
    email: typeof email === 'string' ? email : '',
    name: typeof name === 'string' ? name : '',
  };
}

interface Sent {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request as the LMS's HTTP library makes it: redirects followed, credentials kept on the same host only. */
async function send(url: string, { method, headers, body }: Sent, redirects = 0): Promise<ProviderAnswer> {
  try {
    const common = { 'user-agent': 'python-requests/2.32.3', 'accept-encoding': 'gzip, deflate' };
    const answer = await request(url, {
      method,
      headers: { ...common, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const raw = Buffer.from(await answer.body.arrayBuffer());
    const location = answer.headers.location;
    if (
      [301, 302, 303, 307, 308].includes(answer.statusCode) &&
      typeof location === 'string' &&
      redirects < MOST_REDIRECTS
    ) {
      return follow(
        new URL(location, url),
        new URL(url),
        { method, headers, ...(body === undefined ? {} : { body }) },
        answer.statusCode,
        redirects,
      );
    }
    return { status: answer.statusCode, body: decode(raw, answer.headers['content-encoding']) };
  } catch {
    return { status: null };
  }
}

function follow(to: URL, from: URL, sent: Sent, status: number, redirects: number): Promise<ProviderAnswer> {
  const { authorization, ...others } = sent.headers;
  const headers = authorization !== undefined && to.host === from.host ? { ...others, authorization } : others;
  const keepsMethod = status === 307 || status === 308;
  return send(to.href, keepsMethod ? { ...sent, headers } : { method: 'GET', headers }, redirects + 1);
}

function decode(raw: Buffer, encoding: string | string[] | undefined): string {
  switch (encoding) {
    case 'gzip':
      return gunzipSync(raw).toString('utf8');
    case 'deflate':
      return inflateSync(raw).toString('utf8');
    case 'br':
      return brotliDecompressSync(raw).toString('utf8');
    default:
      return raw.toString('utf8');
  }
}
