import { parseCookie } from 'undici';
import type { LmsClient } from '../../datasources/lms/lms-client.js';

export interface LmsPage {
  status: number;
  text: string;
  /** Where it redirects to, in full. */
  location: URL | undefined;
  /** The LMS's own time, of the answer's `Date`. */
  date: Date | undefined;
  /** Value of a `Cookie` header with what it set. */
  cookie: string;
  /** Domains that its cookies are for, where they name one. */
  cookieDomains: string[];
}

/** Pages of the LMS as an anonymous browser gets them; redirects are told, not followed. */
export interface LmsPages {
  /** @throws UpstreamUnavailableError when there is no answer */
  get(path: string, cookie?: string): Promise<LmsPage>;
}

export function createLmsPages(client: Pick<LmsClient, 'exchange' | 'baseUrl' | 'browserUrl'>): LmsPages {
  const { baseUrl, browserUrl } = client;
  const { host, protocol } = new URL(browserUrl);
  // Portico may reach the LMS by an inner name; redirects and cookies shall be those that browsers get.
  const asBrowser = baseUrl === browserUrl ? {} : { host, 'x-forwarded-proto': protocol.slice(0, -1) };
  return {
    async get(path, cookie) {
      const headers = { accept: 'text/html', ...asBrowser, ...(cookie && { cookie }) };
      const answer = await client.exchange({ method: 'GET', path, headers, isWrite: false }, { purpose: 'request' });
      const cookies = [answer.headers['set-cookie'] ?? []].flat().flatMap((line) => parseCookie(line) ?? []);
      const location = [answer.headers.location].flat()[0];
      const isRedirect = answer.status >= 300 && answer.status < 400 && location !== undefined;
      const date = Date.parse([answer.headers.date].flat()[0] ?? '');
      return {
        status: answer.status,
        text: answer.text,
        location: isRedirect && URL.canParse(location, browserUrl) ? new URL(location, browserUrl) : undefined,
        date: Number.isNaN(date) ? undefined : new Date(date),
        cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
        cookieDomains: [...new Set(cookies.flatMap(({ domain }) => domain ?? []))],
      };
    },
  };
}
