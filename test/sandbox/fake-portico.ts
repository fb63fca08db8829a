import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A person as the fake's `/api/users/me` answers: whatever keys the test wants to send. */
export type FakeUser = Readonly<Record<string, unknown>>;

/** Status and body; a body that is no object is sent as it is. */
export type RawAnswer = readonly [status: number, body: unknown];

export interface FakePortico extends AsyncDisposable {
  readonly url: string;
  /** Access token → user. A token that is not here answers 401. */
  readonly users: Map<string, FakeUser>;
  /** What the LMS sent, oldest first. */
  readonly received: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[];
  /** Who approves authorization requests, where no cookie `session` says so: the token that the next code is worth. */
  approveAs: string;
  /** Raw answers instead of the fake's own, until they are taken away. */
  readonly instead: { token?: RawAnswer; user?: RawAnswer; authorize?: Readonly<Record<string, string>> };
  /** Called before `/api/users/me` is answered. */
  beforeUserAnswer: () => Promise<void>;
}

/** As much of a provider as the LMS talks to: authorize, token, user details. */
export async function startFakePortico(): Promise<FakePortico> {
  const users = new Map<string, FakeUser>();
  const received: FakePortico['received'] = [];
  const codes = new Map<string, string>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url ?? '/', 'http://localhost');
    received.push({ method: request.method ?? '', path: url.pathname, headers: request.headers, body });
    const json = (status: number, value: unknown): void => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    };
    if (url.pathname === '/oauth2/authorize/') {
      const code = `code-${codes.size}`;
      codes.set(code, /\bsession=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? fake.approveAs);
      const to = new URL(url.searchParams.get('redirect_uri') ?? '');
      for (const [name, value] of Object.entries(fake.instead.authorize ?? { code }))
        to.searchParams.append(name, value);
      to.searchParams.append('state', url.searchParams.get('state') ?? '');
      response.writeHead(302, { location: to.href }).end();
    } else if (url.pathname === '/oauth2/token/') {
      const token = codes.get(new URLSearchParams(body).get('code') ?? '');
      if (fake.instead.token) json(...fake.instead.token);
      else if (token === undefined) json(400, { error: 'invalid_grant' });
      else json(200, { access_token: token, token_type: 'Bearer' });
    } else if (url.pathname === '/api/users/me') {
      await fake.beforeUserAnswer();
      if (fake.instead.user) return json(...fake.instead.user);
      const user = users.get(request.headers.authorization?.replace('Bearer ', '') ?? '');
      json(user === undefined ? 401 : 200, user ?? { detail: 'no' });
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakePortico = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    users,
    received,
    approveAs: 'tok',
    instead: {},
    beforeUserAnswer: async () => {},
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
  return fake;
}
