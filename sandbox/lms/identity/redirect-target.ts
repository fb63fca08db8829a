import type { Call } from '../http/call.js';
import type { Lms } from '../lms.js';

/** Whether a browser may be sent there after signing in or out: the LMS itself, Portico, and the site's own list. */
export function isSafeTarget(lms: Lms, call: Call, target: string): boolean {
  if (/[\p{Cc}\\]/u.test(target) || target.startsWith('//')) return false;
  if (target.startsWith('/')) return true;
  const url = URL.parse(target);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return false;
  const hosts = [
    call.header('host'),
    new URL(lms.rootUrl()).host,
    new URL(lms.porticoUrl()).host,
    ...lms.state.site.redirectHosts,
  ];
  return hosts.includes(url.host);
}

/**
 * The `next` of a login or registration request. Only requests that admit HTML keep it, because the LMS takes it for the
 * address of a page; everything else, and an unsafe one, becomes the dashboard.
 */
export function nextPage(lms: Lms, call: Call, next: string | null): string {
  const admitsHtml = /\*\/\*|text\/html/.test(call.header('accept'));
  return next && admitsHtml && isSafeTarget(lms, call, next) ? next : '/dashboard';
}
