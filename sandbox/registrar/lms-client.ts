import { LmsCrash } from '../lms/http/view.js';
import type { Lms } from '../lms/lms.js';

const PROGRAMS = '/api/program_enrollments/v1/programs';

export interface LmsAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The LMS over the wire, in the name of the service worker, so that the LMS's faults and its journal take part. */
export class LmsClient {
  #token: { readonly value: string; readonly until: number } | undefined;

  constructor(
    private readonly lms: Lms,
    /** Ends calls when the sandbox ends. */
    private readonly signal: AbortSignal,
  ) {}

  /** @throws LmsCrash when the LMS gives no answer or no token */
  write(method: string, path: string, rows: readonly unknown[]): Promise<LmsAnswer> {
    return this.#send(method, `${this.lms.rootUrl()}${PROGRAMS}/${path}`, JSON.stringify(rows));
  }

  /**
   * All pages of a list. A `next` link is followed wherever it leads.
   *
   * @throws LmsCrash for any page that is not one of the statuses that are accepted, or is no page
   */
  async readAll(
    path: string,
    accepted: readonly number[] = [200],
  ): Promise<{ statuses: number[]; rows: Record<string, unknown>[] }> {
    const statuses: number[] = [];
    const rows: Record<string, unknown>[] = [];
    let url: string | null = `${this.lms.rootUrl()}${PROGRAMS}/${path}`;
    while (url !== null) {
      const { status, body } = await this.#send('GET', url);
      const page = body as { next?: string | null; results?: Record<string, unknown>[] } | null | undefined;
      if (!accepted.includes(status) || !Array.isArray(page?.results)) throw new LmsCrash(`GET ${url}: ${status}`);
      statuses.push(status);
      rows.push(...page.results);
      url = page.next ?? null;
    }
    return { statuses, rows };
  }

  async #send(method: string, url: string, body?: string): Promise<LmsAnswer> {
    const headers = {
      authorization: `JWT ${await this.#accessToken()}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const answer = await this.#fetch(url, { method, headers, ...(body !== undefined && { body }) });
    const text = await answer.text().catch(() => '');
    return { status: answer.status, body: parsed(text) };
  }

  async #accessToken(): Promise<string> {
    if (this.#token && this.#token.until > Date.now()) return this.#token.value;
    const { clientId, clientSecret } = this.lms.credentials.worker;
    const answer = await this.#fetch(`${this.lms.rootUrl()}/oauth2/access_token/`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        token_type: 'jwt',
      }),
    });
    const token = parsed(await answer.text()) as { access_token?: string; expires_in?: number } | undefined;
    if (!answer.ok || !token?.access_token) throw new LmsCrash(`The token endpoint answered ${answer.status}.`);
    this.#token = { value: token.access_token, until: Date.now() + ((token.expires_in ?? 0) - 5) * 1000 };
    return token.access_token;
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, { ...init, signal: this.signal });
    } catch (error) {
      throw new LmsCrash(`${url}: ${error instanceof Error ? error.message : error}`);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
