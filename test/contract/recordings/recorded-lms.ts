import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { type RunningSandbox, startSandbox } from '../../../sandbox/start.js';
import { lmsSigningKeys } from '../../sandbox/credentials.js';
import type { ActualAnswer } from './compare-answer.js';
import { cookieValue } from './compare-cookies.js';
import { type Header, headerOf } from './exchange.js';
import { ProviderStub } from './provider-stub.js';

export const TRANSCRIPTS = new URL('../../fixtures/transcripts/', import.meta.url);
/** Where the recorded LMS was reached; requests carry it as `Host`, so that links come out as recorded. */
const HOST = 'localhost:18000';

interface Population {
  readonly users: readonly { username: string; email: string; name: string }[];
}

export interface SentRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: string | null;
}

/** The sandbox with the people, courses and settings of the recordings, and the provider stub beside it. */
export class RecordedLms implements AsyncDisposable {
  private constructor(
    readonly sandbox: RunningSandbox,
    readonly provider: ProviderStub,
    private readonly population: Population,
    private readonly providerUrl: string,
    private readonly pool: Pool,
  ) {}

  static async start(): Promise<RecordedLms> {
    const population: Population = JSON.parse(readFileSync(new URL('population.json', TRANSCRIPTS), 'utf8'));
    const provider = new ProviderStub(population.users);
    const sandbox = await startSandbox({
      lmsPort: 0,
      smtpPort: 0,
      signingKeys: lmsSigningKeys,
      porticoUrl: 'http://localhost:8053',
      sso: { clientId: 'lms-client-id', clientSecret: 'lms-client-secret' },
      apiClient: { clientId: 'portico-code', clientSecret: 'portico-code-secret' },
      worker: { clientId: 'portico-worker', clientSecret: 'portico-worker-secret', username: 'portico_worker' },
    });
    return new RecordedLms(sandbox, provider, population, await provider.listen(), new Pool(sandbox.lmsUrl));
  }

  /** Back to how the recordings found it: population, empty throttle windows, the recorded site's settings. */
  async reset(): Promise<void> {
    await this.#pull('DELETE', '/_sandbox/state');
    await this.#pull('POST', '/_sandbox/seed', { population: this.population });
    const { state } = this.sandbox;
    state.provider = {
      ...state.provider,
      endpoints: {
        authorizationUrl: 'http://localhost:18999/oauth2/authorize',
        accessTokenUrl: `${this.providerUrl}/oauth2/token`,
        apiRoot: `${this.providerUrl}/`,
      },
    };
    state.site = {
      ...state.site,
      platformName: 'Portico Test LMS',
      logoutUris: ['http://localhost:18381/logout/'],
      redirectHosts: ['localhost:8053', 'localhost:18999'],
    };
    // The recordings paused between series; a replay does not, so limits are off but where they are the subject.
    await this.change({ throttles: false, registrationLimit: 100_000, tokenLimit: 100_000 });
  }

  /** Changes settings of the sandbox; a changed limit also forgets what was counted. */
  change(settings: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#pull('PUT', '/_sandbox/settings', settings);
  }

  async send({ method, target, headers, body }: SentRequest): Promise<ActualAnswer> {
    const answer = await this.pool.request({
      method: method as 'GET',
      path: target,
      headers: (headerOf(headers, 'host') === undefined ? [['Host', HOST], ...headers] : headers).flat(),
      ...(body === null ? {} : { body }),
    });
    const raw = Object.entries(answer.headers).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value ?? '']).map((each): Header => [name, each]),
    );
    return {
      status: answer.statusCode,
      headers: raw,
      body: (await answer.body.text()).replaceAll(this.sandbox.lmsUrl, `http://${HOST}`),
    };
  }

  /** An access token by the client-credentials or password grant. */
  async token(form: Readonly<Record<string, string>>): Promise<string> {
    const { body } = await this.send({
      method: 'POST',
      target: '/oauth2/access_token/',
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: new URLSearchParams(form).toString(),
    });
    const { access_token: token }: { access_token?: unknown } = JSON.parse(body);
    if (typeof token !== 'string') throw new Error(`No token for ${JSON.stringify(form)}: ${body}`);
    return token;
  }

  /** Signs a person in with a password. @returns the value of `sessionid` */
  async session(username: string): Promise<string> {
    const csrf = await this.send({ method: 'GET', target: '/csrf/api/v1/token', headers: [], body: null });
    const token = cookieOf(csrf, 'csrftoken');
    const answer = await this.send({
      method: 'POST',
      target: '/api/user/v2/account/login_session/',
      headers: [
        ['Content-Type', 'application/x-www-form-urlencoded'],
        ['Cookie', `csrftoken=${token}`],
        ['X-CSRFToken', token],
      ],
      body: new URLSearchParams({ email_or_username: username, password: 'edx-pass-12345' }).toString(),
    });
    return cookieOf(answer, 'sessionid');
  }

  /** An authorization code of the application `portico-code` for the owner of a session. */
  async code(session: string): Promise<string> {
    const query = new URLSearchParams({
      client_id: 'portico-code',
      response_type: 'code',
      redirect_uri: 'http://localhost:8053/login/_private/complete',
      scope: 'read write',
      state: 'st-1',
    });
    const answer = await this.send({
      method: 'GET',
      target: `/oauth2/authorize?${query}`,
      headers: [['Cookie', `sessionid=${session}`]],
      body: null,
    });
    return new URL(headerOf(answer.headers, 'location') ?? '').searchParams.get('code') ?? '';
  }

  async #pull(method: string, target: string, body?: unknown): Promise<void> {
    const answer = await this.send({
      method,
      target,
      headers: [['Content-Type', 'application/json']],
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (answer.status >= 400) throw new Error(`${method} ${target}: ${answer.status} ${answer.body}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.close();
    await this.sandbox.close();
    await this.provider[Symbol.asyncDispose]();
  }
}

export function cookieOf(answer: ActualAnswer, name: string): string {
  const line = answer.headers.find(([header, value]) => header === 'set-cookie' && value.startsWith(`${name}=`))?.[1];
  if (line === undefined) throw new Error(`No cookie ${name} in an answer ${answer.status}`);
  return cookieValue(line);
}
