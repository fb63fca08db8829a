/** Other names of endpoints, as Open edX and Django OAuth Toolkit call them. Without trailing slash. */
const aliases = new Map([
  ['/oauth2/access_token', '/oauth2/token'],
  ['/oauth2/revoke', '/oauth2/revoke_token'],
  ['/oauth2/.well-known/openid-configuration', '/.well-known/openid-configuration'],
  ['/oauth2/.well-known/jwks.json', '/oauth2/jwks'],
  ['/.well-known/jwks.json', '/oauth2/jwks'],
]);

/** The path that the provider knows, of one by another name; a trailing slash stays unless the name is another. */
export function providerPath(path: string): string {
  return aliases.get(withoutSlash(path)) ?? path;
}

/** Whether two paths lead to the same endpoint. */
export function isSameEndpoint(one: string, other: string): boolean {
  return withoutSlash(providerPath(one)) === withoutSlash(providerPath(other));
}

export function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
