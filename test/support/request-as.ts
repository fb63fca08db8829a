import { request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface RawAnswer {
  status: number;
  /** Headers and body together, to look for what must not be in either. */
  all: string;
}

/**
 * One GET with whatever `Host` and path: `fetch` lets nobody choose the first, and repairs the second.
 *
 * @param origin - where the server listens
 */
export function requestAs(origin: string, path: string, headers: Record<string, string>): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(origin);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers: { host, accept: 'text/html', ...headers } }, (response) => {
      const answer = async () => ({
        status: response.statusCode ?? 0,
        all: JSON.stringify(response.headers) + (await text(response)),
      });
      answer().then(resolve, reject);
    })
      .on('error', reject)
      .end();
  });
}
