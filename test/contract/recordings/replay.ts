import { type ActualAnswer, compareAnswer } from './compare-answer.js';
import { cookieValue } from './compare-cookies.js';
import { Elisions } from './elisions.js';
import { type Header, headerOf, type RecordedExchange } from './exchange.js';
import { fullBody, fullTarget } from './full-requests.js';
import { hasOwnBrowser, prepare } from './preconditions.js';
import type { RecordedLms, SentRequest } from './recorded-lms.js';
import { showsSelectedKeys } from './selected-keys.js';
import type { ShortenedJson } from './shortened-json.js';

/** Ids of the recorded day that requests name. */
const RECORDED_IDS: Readonly<Record<string, string>> = { 8: 'alice' };
/** Names that stand for ids in the program recordings. */
const NAMED_IDS: Readonly<Record<string, string>> = {
  '{P}': '11111111-1111-4111-8111-111111111111',
  '{C}': '22222222-2222-4222-8222-222222222222',
  '{U}': '99999999-9999-4999-8999-999999999999',
};

/** Sends the exchanges of one file in their order and says what comes back otherwise than recorded. */
export class Replay {
  readonly #elisions = new Elisions();
  readonly #seen = new Map<string, ShortenedJson>();
  readonly #tokens = new Map<string, Promise<string>>();
  readonly #cookies = new Map<string, string>();

  constructor(private readonly lms: RecordedLms) {}

  /** @returns differences; none when the sandbox answers as the LMS did */
  async run(recorded: RecordedExchange): Promise<string[]> {
    const exchange = withNamedIds(recorded);
    const request = await this.#fill(exchange);
    await prepare(this.lms, exchange, request);
    this.lms.provider.expect(exchange.providerCalls, this.#elisions);
    const answer = await this.lms.send(request);
    this.#keepCookies(exchange, answer);
    const comparison = { elisions: this.#elisions, seen: this.#seen, showsSelectedKeys: showsSelectedKeys(exchange) };
    return [...compareAnswer(exchange, answer, comparison), ...this.lms.provider.takeDifferences()];
  }

  async #fill(exchange: RecordedExchange): Promise<SentRequest> {
    const { request } = exchange;
    const full = fullBody(exchange);
    const body = full === null ? null : fillNamedIds(full);
    const headers: Header[] = [];
    for (const [name, value] of request.headers) {
      if (name === 'Cookie') headers.push([name, await this.#fillCookies(value)]);
      else headers.push([name, await this.#fillText(value)]);
    }
    if (body !== null && headerOf(headers, 'content-type') === undefined)
      headers.push(['Content-Type', /^[[{]/.test(body) ? 'application/json' : 'application/x-www-form-urlencoded']);
    return {
      method: request.method,
      target: await this.#fillText(this.#withOwnIds(fullTarget(request.target))),
      headers,
      body: body === null ? null : await this.#fillText(body),
    };
  }

  async #fillText(text: string): Promise<string> {
    let filled = this.#elisions.fill(text);
    for (const placeholder of new Set(filled.match(/<[^<>]*[a-z][^<>]*>/gi) ?? [])) {
      const value = await this.#placeholder(placeholder.slice(1, -1));
      if (value !== null) filled = filled.replaceAll(placeholder, value);
    }
    return filled;
  }

  async #fillCookies(header: string): Promise<string> {
    const pairs = header.split('; ').map(async (pair) => {
      const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      if (value !== '…') return `${name}=${await this.#fillText(value)}`;
      return `${name}=${this.#cookies.get(name) ?? ''}`;
    });
    return (await Promise.all(pairs)).join('; ');
  }

  /** What a name in angle brackets stands for; null for markup, which is sent as it is. */
  async #placeholder(name: string): Promise<string | null> {
    if (name === 'csrf token') return this.#cookies.get('csrftoken') ?? '';
    if (name === 'code') return this.lms.code(await this.#once('session of alice', () => this.lms.session('alice')));
    if (name === 'alice') return this.#once('session of alice', () => this.lms.session('alice'));
    const form = tokenForm(name);
    return form === null ? null : this.#once(name, () => this.lms.token(form));
  }

  #once(name: string, make: () => Promise<string>): Promise<string> {
    const made = this.#tokens.get(name) ?? make();
    this.#tokens.set(name, made);
    return made;
  }

  #withOwnIds(target: string): string {
    return target.replace(/(?<=user_id=)\d+$/, (id) =>
      String(this.lms.sandbox.state.user(RECORDED_IDS[id] ?? '')?.id ?? id),
    );
  }

  /** Cookies as a browser would keep them: what a token call sets is no login, and deleted ones stay at hand for later misuse. */
  #keepCookies(exchange: RecordedExchange, answer: ActualAnswer): void {
    if (hasOwnBrowser(exchange)) return;
    const lines = answer.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
    const isLogin =
      lines.some((line) => line.startsWith('edxloggedin=true')) || exchange.request.target.startsWith('/auth/');
    for (const line of lines) {
      const name = line.slice(0, line.indexOf('='));
      if (/; Max-Age=0(;|$)/.test(line) || (name === 'sessionid' && !isLogin)) continue;
      this.#cookies.set(name, cookieValue(line));
    }
  }
}

function tokenForm(name: string): Record<string, string> | null {
  const worker = {
    grant_type: 'client_credentials',
    client_id: 'portico-worker',
    client_secret: 'portico-worker-secret',
  };
  if (name === 'worker' || name === 'worker Bearer token') return worker;
  if (name === 'worker-jwt') return { ...worker, token_type: 'jwt' };
  if (name === 'restricted-jwt')
    return {
      grant_type: 'client_credentials',
      client_id: 'restricted-app',
      client_secret: 'restricted-app-secret',
      token_type: 'jwt',
    };
  const [, kind, username] = /^(token|JWT) of (\w+)$/.exec(name) ?? [];
  if (username === undefined) return null;
  const password = { grant_type: 'password', client_id: 'portico-password', username, password: 'edx-pass-12345' };
  return kind === 'JWT' ? { ...password, token_type: 'jwt' } : password;
}

function withNamedIds(exchange: RecordedExchange): RecordedExchange {
  const { request, answer } = exchange;
  return {
    ...exchange,
    request: { ...request, target: fillNamedIds(request.target) },
    answer: { ...answer, body: answer.body && fillNamedIds(answer.body) },
  };
}

function fillNamedIds(text: string): string {
  return text.replace(/\{[PCU]\}/g, (name) => NAMED_IDS[name] ?? name);
}
