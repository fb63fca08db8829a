import type { CallOptions } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { readRetryAfterSeconds } from '../upstream/retry-after.js';
import type { RawAnswer, Transport } from '../upstream/transport.js';
import type { CookieJar } from './cookie-jar.js';
import type { EndPage, LearnerTokenStep } from './learner-token-steps.js';
import type { LmsClient } from './lms-client.js';

/** How a walk along redirects ended: at Portico's call-back, on some page, or cut short. */
export type Walk =
  | { kind: 'callback'; url: URL }
  | ({ kind: 'page' } & EndPage)
  | { kind: 'stopped'; step: LearnerTokenStep; detail?: string };

export interface Sites {
  client: LmsClient;
  /** To Portico's own origin. */
  portico: Transport;
  publicUrl: string;
  /** The call-back: a redirect there ends the walk and is not followed, so that the code stays here. */
  redirectUri: string;
  jar: CookieJar;
  options: CallOptions & { deadline: NonNullable<CallOptions['deadline']> };
}

const maxHops = 10;

/**
 * Follows redirects between the LMS and Portico, and nowhere else.
 *
 * @throws UpstreamUnavailableError when the LMS is away, throttles, or fails (5xx)
 */
export async function walk(start: string, sites: Sites): Promise<Walk> {
  let url = new URL(start);
  for (let hop = 0; hop < maxHops; hop++) {
    const isLms = isAtLms(url, sites.client);
    const answer = await get(url, isLms, sites);
    if (!answer) return { kind: 'stopped', step: 'portico-unreachable' };
    sites.jar.store(url.origin, answer.headers['set-cookie'], sites.client.clock());
    if (isLms) refuseTrouble(answer, sites.client.clock());
    const location = locationOf(answer, url);
    if (!location) return { kind: 'page', url, status: answer.status, isLms };
    if (location.href.split('?')[0] === sites.redirectUri) return { kind: 'callback', url: location };
    const staysKnown = isAtLms(location, sites.client) || location.origin === new URL(sites.publicUrl).origin;
    if (!staysKnown) return { kind: 'stopped', step: 'foreign-redirect', detail: location.host };
    url = location;
  }
  return { kind: 'stopped', step: 'too-many-hops', detail: url.pathname };
}

function isAtLms(url: URL, client: LmsClient): boolean {
  return url.origin === new URL(client.browserUrl).origin || url.origin === new URL(client.baseUrl).origin;
}

async function get(
  url: URL,
  isLms: boolean,
  { client, portico, publicUrl, jar, options }: Sites,
): Promise<RawAnswer | undefined> {
  const cookie = jar.header(url.origin);
  const headers = { accept: 'text/html', 'x-portico-purpose': options.purpose, ...(cookie && { cookie }) };
  const path = pathBelow(url, isLms ? client.browserUrl : publicUrl);
  const request = { method: 'GET', path, headers, isWrite: false };
  if (isLms) return client.exchange({ ...request, headers: { ...headers, ...asBrowser(client) } }, options);
  const signal = AbortSignal.timeout(Math.max(1, Math.ceil(options.deadline.remainingMs())));
  return portico.exchange({ ...request, signal }).catch(() => undefined);
}

/** Both sites may live below a path, which their connections add by themselves. */
function pathBelow(url: URL, siteUrl: string): string {
  const prefix = new URL(siteUrl).pathname.replace(/\/+$/, '');
  const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : url.pathname;
  return path + url.search;
}

/** Portico may reach the LMS by an inner name; the LMS must build its redirects with the outer one. */
function asBrowser({ baseUrl, browserUrl }: LmsClient): Record<string, string> {
  if (baseUrl === browserUrl) return {};
  const { host, protocol } = new URL(browserUrl);
  return { host, 'x-forwarded-proto': protocol.slice(0, -1) };
}

function refuseTrouble({ status, headers, text }: RawAnswer, now: Date): void {
  if (status === 429)
    throw unavailable('lms', 'throttled', {
      status,
      retryAfterSeconds: readRetryAfterSeconds(headers['retry-after'], text, now),
    });
  if (status >= 500) throw unavailable('lms', 'server-error', { status });
}

function locationOf({ status, headers }: RawAnswer, url: URL): URL | undefined {
  const header = [headers.location].flat()[0];
  if (status < 300 || status >= 400 || !header || !URL.canParse(header, url.href)) return undefined;
  return new URL(header, url);
}
