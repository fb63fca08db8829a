import type { FastifyInstance, LightMyRequestResponse } from 'fastify';

/** A browser without JavaScript: keeps cookies, knows the page it is on, sends the forms that are there. */
export class PageVisitor {
  readonly #app: FastifyInstance;
  readonly #cookies = new Map<string, string>();
  readonly #origin: string;
  path = '/';
  response: LightMyRequestResponse | undefined;

  constructor(app: FastifyInstance, origin: string) {
    this.#app = app;
    this.#origin = origin;
  }

  /** Text of the page, without markup. */
  get text(): string {
    return (this.response?.body ?? '').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  }

  /** Follows redirects inside the site; stops at those that lead elsewhere. */
  async go(path: string, init: { method?: 'GET' | 'POST'; payload?: string; headers?: Record<string, string> } = {}) {
    const url = new URL(path, this.#origin + this.path);
    if (url.origin !== this.#origin) return this.response;
    const response = await this.#app.inject({
      method: init.method ?? 'GET',
      url: url.pathname + url.search,
      headers: {
        host: url.host,
        accept: 'text/html',
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...init.headers,
      },
      ...(init.payload !== undefined && { payload: init.payload }),
    });
    for (const { name, value, maxAge } of response.cookies)
      if (maxAge === 0) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    this.path = url.pathname + url.search;
    this.response = response;
    const location = response.headers.location;
    if (response.statusCode >= 300 && response.statusCode < 400 && location) await this.go(location);
    return this.response;
  }

  /** Sends the form that has all of these fields, or, without fields, the one whose action is given. */
  async submit(fields: Record<string, string>, { action = '', headers = {} as Record<string, string> } = {}) {
    const forms = [...(this.response?.body ?? '').matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)];
    const form = forms.find(
      ([, attributes = '', inner = '']) =>
        (action ? attributes.includes(`action="${action}"`) : true) &&
        Object.keys(fields).every((name) => inner.includes(`name="${name}"`)),
    );
    if (!form) throw new Error(`no form with ${Object.keys(fields).join(', ')} at ${this.path}: ${this.text}`);
    const hidden = [...(form[2] ?? '').matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const body = new URLSearchParams(Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])));
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    return this.go(/action="([^"]*)"/.exec(form[1] ?? '')?.[1] ?? this.path, {
      method: 'POST',
      payload: body.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: this.#origin, ...headers },
    });
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  setCookie(name: string, value: string): void {
    this.#cookies.set(name, value);
  }
}
