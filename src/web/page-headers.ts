/**
 * Response headers of every page: nothing is loaded from elsewhere, nobody frames us, no address leaks. There is no
 * `form-action` on purpose: Chromium applies it to the redirects after a form too, and a sign-in form ends at the client.
 *
 * @param logoUrl - the one foreign image that pages may show
 * @param hasScript - whether the page runs a script of ours, which may call us; pages without one run none
 */
export function pageHeaders(
  logoUrl: string | undefined,
  { hasScript = false }: { hasScript?: boolean } = {},
): Record<string, string> {
  const images = ["'self'", 'data:', ...(logoUrl && URL.canParse(logoUrl) ? [new URL(logoUrl).origin] : [])];
  const scripts = hasScript ? "script-src 'self'; connect-src 'self'; " : '';
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'self'; img-src ${images.join(' ')}; ${scripts}base-uri 'none'; frame-ancestors 'none'`,
    // A client may run its sign-in in a window that it opened, and has to hear back from it.
    'cross-origin-opener-policy': 'unsafe-none',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
