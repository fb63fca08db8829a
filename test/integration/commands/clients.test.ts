import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { type ProviderSite, startProviderSite } from '../../support/provider-site.js';
import { runCommand } from '../../support/run-command.js';
import { get, inBody, post } from '../oauth/clients.js';

let site: ProviderSite;
beforeAll(async () => {
  site = await startProviderSite();
});
afterAll(() => site[Symbol.asyncDispose]());

async function portico(...args: string[]) {
  const answer = await runCommand([...args, '--json'], { DATABASE_URL: site.config.database.url });
  expect(answer).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(answer.stdout);
}

test('an OAuth client is looked at, given secrets, restricted and removed from the command line', async () => {
  const client = await site.aClient({ grantTypes: ['CLIENT_CREDENTIALS'], redirectUris: [], scopes: ['user:read'] });
  const { clientId } = client;
  const tokenWith = (secret: string) =>
    post(`${site.url}/oauth2/token/`, { grant_type: 'client_credentials', ...inBody({ clientId, secret }) });
  await tokenWith(client.secret);

  const { clientSecret } = await portico('rotate-client-secret', clientId);
  expect((await tokenWith(clientSecret)).status).toBe(200);
  expect((await tokenWith(client.secret)).status).toBe(200);

  const { clients } = await portico('list-clients');
  const listed = clients.find((row: { clientId: string }) => row.clientId === clientId);
  expect(listed.secrets).toMatchObject([
    { hint: clientSecret.slice(-4), expiresAt: null },
    { hint: client.secret.slice(-4), expiresAt: expect.any(String) },
  ]);
  expect(JSON.stringify(clients)).not.toContain(clientSecret);
  expect(await portico('revoke-client-secret', clientId, listed.secrets[1].id)).toMatchObject({ revoked: true });
  expect((await tokenWith(client.secret)).status).toBe(401);

  expect(await portico('revoke-client-tokens', clientId)).toMatchObject({ revoked: 3 });
  expect(
    await portico('restrict-client', clientId, '--mode', 'scoped-jwt', '--organization', 'DemoU', 'OtherU'),
  ).toEqual({
    clientId,
    restriction: { mode: 'SCOPED_JWT', organizations: ['DemoU', 'OtherU'], providers: [], scopes: [] },
  });
  expect(await portico('unrestrict-client', clientId)).toEqual({ clientId, restriction: null });
  expect(await portico('delete-client', clientId, '--yes')).toEqual({ clientId, deleted: true });
  expect(await site.clients.findByClientId(clientId)).toBeNull();
}, 120_000);

test('what cannot be done to a client says so', async () => {
  const env = { DATABASE_URL: site.config.database.url };
  expect(await runCommand(['rotate-client-secret', 'nobody'], env)).toMatchObject({
    status: 1,
    stdout: '',
    stderr: 'There is no such client.\n',
  });
  expect(await runCommand(['delete-client', 'nobody'], env)).toMatchObject({ status: 2, stdout: '' });
  expect(await runCommand(['rotate-client-secret', 'x', '--overlap', 'soon'], env)).toMatchObject({ status: 2 });
});

test('portico rotate-keys publishes keys that sign later', async () => {
  const { signingKeys } = await portico('rotate-keys', '--purpose', 'tokens', '--algorithm', 'ES256');
  expect(signingKeys).toMatchObject([{ purpose: 'tokens', algorithm: 'ES256' }]);
  const [{ kid, activeFrom }] = signingKeys;
  expect(Date.parse(activeFrom)).toBeGreaterThan(Date.now());
  await eventually('the running provider publishes it', async () => {
    const { body } = await get(`${site.url}/oauth2/jwks`);
    return JSON.stringify(body).includes(kid);
  });
});
