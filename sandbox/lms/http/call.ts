import type { IncomingHttpHeaders } from 'node:http';
import type { LmsUser } from '../rows.js';
import { type BodyKind, readData, readForm } from './body.js';
import { type CookieAttributes, cookieLine, deletedCookieLine, parseCookies, randomText } from './cookies.js';

/** Who a call is made as. `claims` is there for JWTs: restricted ones open only views that name one of their scopes. */
export interface Caller {
  readonly user: LmsUser;
  readonly via: 'jwt' | 'bearer' | 'session' | 'jwt-cookie';
  readonly isRestricted: boolean;
  readonly scopes: readonly string[];
  readonly filters: readonly string[];
}

export interface CallInput {
  readonly method: string;
  /** Request target as sent: path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly remoteAddress: string;
  readonly now: Date;
  /** `scheme://host` of this site, as the LMS sees it. */
  readonly origin: string;
  /** `scheme://host` that `next` and `previous` links of lists carry: behind a proxy, another one. */
  readonly linkOrigin: string;
  readonly cookieDomain: string | undefined;
}

/** One HTTP request on its way through a view, with the cookies that its answer will set. */
export class Call {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly remoteAddress: string;
  readonly now: Date;
  readonly origin: string;
  readonly linkOrigin: string;
  /** Decoded path: what the LMS matches its routes against. */
  readonly path: string;
  /** Path as sent. */
  readonly rawPath: string;
  /** Query string as sent, without the question mark. */
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  readonly cookies: ReadonlyMap<string, string>;
  /** Named parts of the path, decoded. */
  params: Readonly<Record<string, string>> = {};
  /** Set by the view's authentication; null is an anonymous call. */
  caller: Caller | null = null;
  /** Whether a valid `X-Edx-Api-Key` was sent. */
  hasApiKey = false;
  /** The view's parsers. */
  accepts: readonly BodyKind[] = ['json', 'form', 'multipart'];
  readonly #cookieDomain: string | undefined;
  readonly #setCookies = new Map<string, string>();

  constructor(input: CallInput) {
    this.method = input.method;
    this.headers = input.headers;
    this.body = input.body;
    this.remoteAddress = input.remoteAddress;
    this.now = input.now;
    this.origin = input.origin;
    this.linkOrigin = input.linkOrigin;
    this.#cookieDomain = input.cookieDomain;
    const at = input.target.indexOf('?');
    this.rawPath = at === -1 ? input.target : input.target.slice(0, at);
    this.rawQuery = at === -1 ? '' : input.target.slice(at + 1);
    this.path = decodePath(this.rawPath);
    this.query = new URLSearchParams(this.rawQuery);
    this.cookies = parseCookies(input.headers.cookie);
  }

  /** The path as links and redirects carry it: escaped anew, with `+` and the like as they are. */
  get escapedPath(): string {
    return encodeURI(this.path).replace(/[?#]/g, encodeURIComponent);
  }

  get isUnsafe(): boolean {
    return !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(this.method);
  }

  /** A header as one string; empty when it was not sent. */
  header(name: string): string {
    const value = this.headers[name];
    return Array.isArray(value) ? value.join(', ') : (value ?? '');
  }

  /** The last value of a query parameter, as Django's `GET.get` answers; null when absent. */
  argument(name: string): string | null {
    return this.query.getAll(name).at(-1) ?? null;
  }

  /** A named part of the path. */
  param(name: string): string {
    return this.params[name] ?? '';
  }

  /** The caller of a view that requires one. */
  get user(): LmsUser {
    if (this.caller === null) throw new Error('This view does not require a caller.');
    return this.caller.user;
  }

  /** The form fields of a plain Django view. */
  form(): Promise<URLSearchParams> {
    return readForm(this.header('content-type'), this.body);
  }

  /** The parsed body of a DRF view. @throws ApiError 400 or 415 */
  data(): Promise<unknown> {
    return readData(this.header('content-type'), this.body, this.accepts);
  }

  setCookie(name: string, value: string, attributes: CookieAttributes = {}): void {
    this.#setCookies.delete(name);
    this.#setCookies.set(name, cookieLine(name, value, { domain: this.#cookieDomain, ...attributes }, this.now));
  }

  deleteCookie(name: string): void {
    this.#setCookies.delete(name);
    this.#setCookies.set(name, deletedCookieLine(name, this.#cookieDomain));
  }

  /** Makes the answer carry a CSRF token: the browser's own, or a new one. */
  setCsrfCookie(token = this.cookies.get('csrftoken') ?? randomText(32)): string {
    this.setCookie('csrftoken', token, { maxAgeSeconds: 31_449_600, sameSite: 'Lax' });
    return token;
  }

  get cookiesToSet(): readonly string[] {
    return [...this.#setCookies.values()];
  }

  forgetCookies(): void {
    this.#setCookies.clear();
  }

  isSettingCookie(name: string): boolean {
    return this.#setCookies.has(name);
  }
}

/** Percent-decodes a path as the LMS's web server does: bytes that are no UTF-8 become the replacement character. */
function decodePath(path: string): string {
  const bytes = Buffer.from(path.replace(/%(?![0-9a-fA-F]{2})/g, '%25'), 'utf8');
  const decoded: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === 37) {
      decoded.push(Number.parseInt(bytes.toString('latin1', at + 1, at + 3), 16));
      at += 2;
    } else {
      decoded.push(bytes[at] ?? 0);
    }
  }
  return Buffer.from(decoded).toString('utf8');
}
