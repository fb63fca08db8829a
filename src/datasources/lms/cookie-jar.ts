import { parseCookie } from 'undici';

/** Cookies of one walk through two sites. Kept by origin, stricter than a browser, so that neither site sees the other's. */
export class CookieJar {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** @param header - value of a `Cookie` header */
  seed(origin: string, header: string): void {
    for (const pair of header.split(/;\s*/)) {
      const [name = '', ...value] = pair.split('=');
      if (name) this.#of(origin).set(name, value.join('='));
    }
  }

  /** Takes over `Set-Cookie`; a cookie that has expired is dropped. */
  store(origin: string, setCookie: string | string[] | undefined, now: Date): void {
    for (const line of [setCookie ?? []].flat()) {
      const cookie = parseCookie(line);
      if (!cookie) continue;
      const expires = cookie.expires === undefined ? undefined : new Date(cookie.expires);
      const isOver = (cookie.maxAge ?? 1) <= 0 || (expires !== undefined && expires <= now);
      if (isOver) this.#of(origin).delete(cookie.name);
      else this.#of(origin).set(cookie.name, cookie.value);
    }
  }

  /** @returns value of the `Cookie` header for an origin, undefined when there is none */
  header(origin: string): string | undefined {
    const pairs = [...this.#of(origin)].map(([name, value]) => `${name}=${value}`);
    return pairs.length === 0 ? undefined : pairs.join('; ');
  }

  #of(origin: string): Map<string, string> {
    const present = this.#cookies.get(origin);
    if (present) return present;
    const created = new Map<string, string>();
    this.#cookies.set(origin, created);
    return created;
  }
}
