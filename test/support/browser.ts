interface Cookie {
  value: string;
  path: string;
}

export interface VisitedPage {
  url: string;
  status: number;
  headers: Headers;
  text: string;
}

/** A browser without JavaScript, over real HTTP: keeps cookies by their path, follows redirects that stay on the site. */
export class Browser {
  readonly cookies = new Map<string, Cookie>();
  /** Every `Set-Cookie` so far, as it came. */
  readonly cookieLines: string[] = [];
  readonly #origin: string;
  readonly #server: string;
  page: VisitedPage | undefined;

  /**
   * @param origin - where the site is for its visitors
   * @param server - where it listens; when that is another place, requests go there in the manner of a proxy in front
   */
  constructor(origin: string, server = origin) {
    this.#origin = origin;
    this.#server = server;
  }

  /** @returns the last page, or the redirect that leads away from the site */
  async go(address: string, init: { method?: string; body?: URLSearchParams; headers?: Record<string, string> } = {}) {
    let url = new URL(address, this.page?.url ?? this.#origin);
    let next = init;
    for (let hop = 0; hop < 15; hop++) {
      const page = await this.#visit(url, next);
      const location = page.headers.get('location');
      if (page.status < 300 || page.status > 399 || !location) return page;
      url = new URL(location, url);
      if (url.origin !== this.#origin) return { ...page, url: url.href };
      next = {};
    }
    throw new Error('too many redirects');
  }

  /** One request, its redirect not followed. */
  async visit(
    address: string,
    init: { method?: string; body?: URLSearchParams; headers?: Record<string, string> } = {},
  ) {
    return this.#visit(new URL(address, this.#origin), init);
  }

  /** Sends the form of the page that has all of these fields; buttons count as fields. */
  async submit(fields: Record<string, string>) {
    const { url, text } = this.page ?? { url: this.#origin, text: '' };
    for (const [, attributes = '', inner = ''] of text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)) {
      const id = /id="([^"]+)"/.exec(attributes)?.[1];
      const outside = id ? (text.match(new RegExp(`<button[^>]*form="${id}"[^>]*>`, 'g')) ?? []).join('') : '';
      if (!Object.keys(fields).every((name) => (inner + outside).includes(`name="${name}"`))) continue;
      const hidden = [...inner.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
      const body = new URLSearchParams(hidden.map(([, name = '', value = '']): [string, string] => [name, value]));
      for (const [name, value] of Object.entries(fields)) body.set(name, value);
      const action = /action="([^"]*)"/.exec(attributes)?.[1] ?? url;
      return this.go(new URL(action, url).href, { method: 'POST', body, headers: { origin: this.#origin } });
    }
    throw new Error(`no form with ${Object.keys(fields).join(', ')} at ${url}: ${text.slice(0, 500)}`);
  }

  /** The value of a `Cookie` header for a path of the site. */
  cookieHeader(path = '/'): string {
    return [...this.cookies]
      .filter(([, cookie]) => path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/')))
      .map(([key, { value }]) => `${key.split(';')[0]}=${value}`)
      .join('; ');
  }

  async #visit(url: URL, init: { method?: string; body?: URLSearchParams; headers?: Record<string, string> }) {
    const { origin, host, protocol } = new URL(this.#origin);
    const forwarded = { 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) };
    const response = await fetch(new URL(url.href.slice(url.origin.length), this.#server), {
      ...init,
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        cookie: this.cookieHeader(url.pathname),
        ...(origin !== new URL(this.#server).origin && forwarded),
        ...init.headers,
      },
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const page = { url: url.href, status: response.status, headers: response.headers, text: await response.text() };
    this.page = page;
    return page;
  }

  #keep(line: string): void {
    this.cookieLines.push(line);
    const [pair = '', ...attributes] = line.split(/; */);
    const name = pair.slice(0, pair.indexOf('='));
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
    const isGone = attributes.some((attribute) => /^expires=Thu, 01 Jan 1970/i.test(attribute));
    if (isGone) this.cookies.delete(`${name};${path}`);
    else this.cookies.set(`${name};${path}`, { value: pair.slice(pair.indexOf('=') + 1), path });
  }
}
