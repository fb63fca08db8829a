import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../sandbox/start.js';
import { jsonOf, TEST_SANDBOX } from './credentials.js';

const WORKER = {
  client_id: 'portico-worker',
  client_secret: 'portico-worker-secret',
  grant_type: 'client_credentials',
};

describe('the sandbox LMS', () => {
  test('issues a worker token that reads accounts and the ID mapping, as Bearer and as JWT', async () => {
    await using sandbox = await startSandbox(TEST_SANDBOX);
    for (const [scheme, extra] of [
      ['Bearer', {}],
      ['JWT', { token_type: 'jwt' }],
    ] as const) {
      const token = await jsonOf<{ access_token: string }>(
        fetch(`${sandbox.lmsUrl}/oauth2/access_token`, {
          method: 'POST',
          body: new URLSearchParams({ ...WORKER, ...extra }),
        }),
      );
      const headers = { authorization: `${scheme} ${token.access_token}` };
      const accounts = await fetch(`${sandbox.lmsUrl}/api/user/v1/accounts?username=ada,nobody`, { headers });
      expect(await accounts.json()).toMatchObject([{ username: 'ada', email: 'ada@example.org' }]);
      expect(accounts.headers.getSetCookie().join()).toMatch(/sessionid=/);
      const mapping = await fetch(
        `${sandbox.lmsUrl}/api/third_party_auth/v0/providers/oa2-ol-oauth2/users?username=ADA`,
        { headers },
      );
      expect(await mapping.json()).toMatchObject({ count: 1, results: [{ username: 'ada', remote_id: 'ada' }] });
    }
    const log = await jsonOf<{ auth: string }[]>(fetch(`${sandbox.lmsUrl}/_sandbox/requests`));
    expect(log.map((entry) => entry.auth)).toEqual([
      'none',
      'bearer:portico_worker',
      'bearer:portico_worker',
      'none',
      'jwt:portico_worker',
      'jwt:portico_worker',
    ]);
  });
});
