import type { IncomingHttpHeaders } from 'node:http';

/** What no form of another site can send. Clients of Registrar know the second. */
const ownHeaders = ['x-requested-with', 'x-csrftoken', 'apollo-require-preflight', 'x-apollo-operation-name'];

/** What somebody is told whose request, by cookie, may be a form of another site. */
export const howToBeOwn = 'Send the header X-Requested-With when you come by cookie, from a page of this site.';

/** Whether a request that comes by cookie may have been made by a page of another site. */
export function isFromElsewhere(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  if (headers.origin !== undefined && headers.origin !== new URL(publicUrl).origin) return true;
  return !ownHeaders.some((name) => headers[name] !== undefined);
}
