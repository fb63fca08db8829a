import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Headers and body together, to look for what must not be in either. */
  all: string;
}

/**
 * One GET, or POST of a form, with whatever `Host` and path: `fetch` lets nobody choose the first, and repairs the second.
 *
 * @param origin - where the server listens
 */
export function requestAs(
  origin: string,
  path: string,
  headers: Record<string, string>,
  form?: URLSearchParams,
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(origin);
  const type = form && { 'content-type': 'application/x-www-form-urlencoded' };
  const options = { hostname, port, path, method: form ? 'POST' : 'GET' };
  return new Promise((resolve, reject) => {
    request({ ...options, headers: { host, accept: 'text/html', ...type, ...headers } }, (response) => {
      const answer = async () => {
        const body = await text(response);
        const { statusCode: status = 0, headers: given } = response;
        return { status, headers: given, text: body, all: JSON.stringify(given) + body };
      };
      answer().then(resolve, reject);
    })
      .on('error', reject)
      .end(form?.toString());
  });
}
