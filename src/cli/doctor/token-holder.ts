import { Type } from 'typebox';
import type { LmsClient } from '../../datasources/lms/lms-client.js';
import { createParser } from '../../datasources/upstream/parser.js';

export type TokenHolder = { kind: 'user'; username: string } | { kind: 'refused'; code: string };

const parseUser = createParser('lms', Type.Object({ username: Type.String() }));
const parseRefusal = createParser('lms', Type.Object({ error_code: Type.Optional(Type.String()) }));

/** Whose an opaque token of the LMS is, or in which of the LMS's words it is refused, e.g. `token_expired`. */
export function askWhoHolds(client: Pick<LmsClient, 'request'>, token: string): Promise<TokenHolder> {
  return client.request<TokenHolder>(
    {
      operation: 'account.me',
      family: 'accounts',
      method: 'GET',
      path: '/api/user/v1/me',
      credentials: { authorization: `Bearer ${token}` },
      isIdempotent: true,
      read(answer) {
        if (answer.status < 300) return { kind: 'user', username: parseUser(answer.body).username };
        const code = answer.isJson ? parseRefusal(answer.body).error_code : undefined;
        return { kind: 'refused', code: code ?? String(answer.status) };
      },
    },
    { purpose: 'request' },
  );
}
