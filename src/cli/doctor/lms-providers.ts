import { Type } from 'typebox';
import { createParser } from '../../datasources/upstream/parser.js';
import type { Examination } from './examination.js';

const parseProviders = createParser('lms', Type.Array(Type.Object({ id: Type.String() })));
const oauthPrefix = 'oa2-';

/** Backends of the sign-in providers that the LMS shows the service worker; undefined when third-party sign-in is off. */
export function findProviders({ client }: Pick<Examination, 'client'>): Promise<string[] | undefined> {
  return client.request(
    {
      operation: 'provider.list',
      family: 'third-party-auth',
      method: 'GET',
      path: '/api/third_party_auth/v0/providers/user_status',
      credentials: 'worker',
      isIdempotent: true,
      read(answer) {
        if (answer.status === 404) return undefined;
        // Whoever may not ask learns nothing of providers, but that there can be some.
        if (answer.status >= 400) return [];
        const ids = parseProviders(answer.body).map(({ id }) => id);
        return ids.filter((id) => id.startsWith(oauthPrefix)).map((id) => id.slice(oauthPrefix.length));
      },
    },
    { purpose: 'request' },
  );
}
