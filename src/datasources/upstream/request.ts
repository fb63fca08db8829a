import type { UpstreamCall } from './call.js';
import type { Purpose } from './purpose.js';
import type { RawRequest } from './transport.js';

/** The request of a call: built from scratch, so that nothing of a caller's own request can travel along. */
export function composeRequest(
  { method, path, body, headers, isIdempotent }: UpstreamCall<unknown>,
  authorization: string | undefined,
  purpose: Purpose,
): Omit<RawRequest, 'signal'> {
  if (!path.startsWith('/')) throw new Error(`the path of an upstream call starts with a slash: ${path}`);
  return {
    method,
    path,
    isWrite: !isIdempotent,
    headers: {
      accept: 'application/json',
      'user-agent': 'Portico',
      'x-portico-purpose': purpose,
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': contentTypeOf(body) }),
      ...headers,
    },
    body: body && ('form' in body ? new URLSearchParams(body.form).toString() : JSON.stringify(body.json)),
  };
}

function contentTypeOf(body: NonNullable<UpstreamCall<unknown>['body']>): string {
  // Without a charset: the LMS compares the media type of some writes as a whole.
  return 'form' in body ? 'application/x-www-form-urlencoded' : (body.contentType ?? 'application/json');
}
