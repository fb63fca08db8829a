import type { KoaContextWithOIDC } from 'oidc-provider';

/** A step around the provider's own handling of a request; everything after `next` sees the finished answer. */
export type Middleware = (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>;

/** The error code of an OAuth error response. */
export function errorOf(body: unknown): unknown {
  return body instanceof Object && 'error' in body ? body.error : undefined;
}
