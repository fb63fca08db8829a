/**
 * Response headers of every page: nothing is loaded from elsewhere, nobody frames us, no address leaks. There is no
 * `form-action` on purpose: Chromium applies it to the redirects after a form too, and a sign-in form ends at the client.
 *
 * @param logoUrl - the one foreign image that pages may show
 */
export function pageHeaders(logoUrl: string | undefined): Record<string, string> {
  const images = ["'self'", 'data:', ...(logoUrl && URL.canParse(logoUrl) ? [new URL(logoUrl).origin] : [])];
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'self'; img-src ${images.join(' ')}; base-uri 'none'; frame-ancestors 'none'`,
    // A client may run its sign-in in a window that it opened, and has to hear back from it.
    'cross-origin-opener-policy': 'unsafe-none',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
