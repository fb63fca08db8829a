import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Elisions } from './elisions.js';
import { headerOf, type ProviderCall } from './exchange.js';

/** The provider of the recordings: answers the LMS as recorded, and checks that the LMS asks as recorded. */
export class ProviderStub implements AsyncDisposable {
  readonly #server = createServer((request, response) => {
    this.#serve(request).then(
      ({ status, body }) =>
        response
          .writeHead(status, { 'Content-Type': body.startsWith('<') ? 'text/html' : 'application/json' })
          .end(body),
      () => response.destroy(),
    );
  });
  #expected: ProviderCall[] = [];
  readonly #differences: string[] = [];
  #elisions: Elisions | null = null;
  /** Token → person, for calls that the recordings do not show. */
  readonly #people: Readonly<Record<string, { username: string; email: string; name: string }>>;

  constructor(users: readonly { username: string; email: string; name: string }[]) {
    this.#people = Object.fromEntries(
      users.map(({ username, email, name }) => [`tok-${username}`, { username, email, name }]),
    );
  }

  /** @returns the stub's origin */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  expect(calls: readonly ProviderCall[], elisions: Elisions): void {
    this.#expected = [...calls];
    this.#elisions = elisions;
    this.#differences.length = 0;
  }

  /** What the LMS asked otherwise than recorded, or did not ask. */
  takeDifferences(): string[] {
    const missing = this.#expected.map(
      ({ request }) => `the LMS did not call ${request.method} ${request.target} of the provider`,
    );
    this.#expected = [];
    return [...this.#differences, ...missing];
  }

  async #serve(request: IncomingMessage): Promise<{ status: number; body: string }> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const expected = this.#expected.shift();
    if (expected === undefined) return this.#answerUnrecorded(request);
    for (const [what, wanted, found] of [
      ['request', `${expected.request.method} ${expected.request.target}`, `${request.method} ${request.url}`],
      [
        'Authorization',
        headerOf(expected.request.headers, 'authorization') ?? request.headers.authorization ?? '',
        request.headers.authorization ?? '',
      ],
      [
        'Accept',
        headerOf(expected.request.headers, 'accept') ?? request.headers.accept ?? '',
        request.headers.accept ?? '',
      ],
      ['body', expected.request.body ?? body, body],
    ] as const) {
      if (!this.#elisions?.matches(wanted, found))
        this.#differences.push(`the LMS's call: ${what} ${wanted} is recorded, not ${found}`);
    }
    return { status: expected.answer.status, body: expected.answer.body ?? '' };
  }

  #answerUnrecorded({ headers }: IncomingMessage): { status: number; body: string } {
    const person = this.#people[headers.authorization?.replace('Bearer ', '') ?? ''];
    return person
      ? { status: 200, body: JSON.stringify(person) }
      : { status: 401, body: '{"detail": "Authentication credentials were not provided."}' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
