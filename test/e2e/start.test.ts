import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { createProduct, kill } from '../support/product.js';

test('start shows what there is, runs alone, and takes everything down that it brought up', async () => {
  await using product = await createProduct();
  const started = await product.start();
  await eventually('the log-ins are shown', async () => started.output().includes('Ctrl-C'));
  for (const shown of [product.url, product.lmsUrl, 'ada@example.org', 'root-password-1', 'partner-demo'])
    expect(started.output()).toContain(shown);
  expect(await linkStates(product)).toEqual({
    ada: 'LINKED',
    dana: 'NOT_LINKED',
    grace: 'NOT_LINKED',
    sam: 'LINKED',
    root: 'LINKED',
  });

  const second = await product.run(['start']);
  expect(second.status).toBe(1);
  expect(second.stderr).toContain('already running');
  expect((await fetch(`${product.url}/health/ready`)).status).toBe(200);

  expect(await product.children()).toEqual({ postgres: expect.any(Number), sandbox: expect.any(Number) });
  expect(await started.end('SIGTERM')).toBe(0);
  expect(await product.children()).toEqual({ postgres: undefined, sandbox: undefined });
}, 120_000);

test.each(['product', 'product, database and sandbox'])(
  'after kill -9 of %s the next start has everything',
  async (killed) => {
    await using product = await createProduct();
    const first = await product.start();
    const { postgres, sandbox } = await product.children();
    await first.end('SIGKILL');
    if (killed.includes('database')) kill(postgres ?? 0);
    if (killed.includes('sandbox')) kill(sandbox ?? 0);
    await product.start();
    const again = await product.run(['doctor', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: true });
    expect(await linkStates(product)).toEqual({
      ada: 'LINKED',
      dana: 'NOT_LINKED',
      grace: 'NOT_LINKED',
      sam: 'LINKED',
      root: 'LINKED',
    });
  },
  120_000,
);

test('commands use the database of a running start, and start it themselves when none runs', async () => {
  await using product = await createProduct();
  const migrated = await product.run(['migrate', '--json']);
  expect(JSON.parse(migrated.stdout).applied.length).toBeGreaterThan(0);
  expect((await product.children()).postgres).toBeUndefined();

  const admin = await product.run(['create-admin', '--email', 'olga@example.edu', '--name', 'Olga Ops', '--json']);
  expect(JSON.parse(admin.stdout)).toMatchObject({
    username: expect.any(String),
    created: true,
    password: expect.any(String),
  });
  const again = await product.run(['create-admin', '--email', 'olga@example.edu', '--json']);
  expect(JSON.parse(again.stdout)).toMatchObject({ created: false });

  await product.start();
  const client = await createClient(product, JSON.parse(admin.stdout).username);
  expect(client.stderr).toBe('');
  expect(Object.keys(JSON.parse(client.stdout))).toEqual(['clientId', 'clientSecret']);
}, 120_000);

test('what is called wrongly says so on standard error, with an exit code of its own', async () => {
  await using product = await createProduct();
  expect(await product.run(['no-such-command'])).toMatchObject({ status: 2, stdout: '' });
  expect(await product.run(['create-client'])).toMatchObject({ status: 2, stdout: '' });
  const unknownOwner = await createClient(product, 'nobody');
  expect(unknownOwner).toMatchObject({ status: 1, stdout: '' });
  expect(unknownOwner.stderr).toContain('nobody');
  expect((await product.run(['doctor', '--help'])).stdout).toContain('Examples:');
}, 120_000);

test('with a database of one’s own, everything that is missing stops the start and is named', async () => {
  await using product = await createProduct();
  const settings = { DATABASE_URL: 'postgres://localhost:1/none', OPENEDX_API_BASE_URL: 'http://localhost:1' };
  for (const command of ['start', 'web', 'worker']) {
    const refused = await product.run([command], settings);
    expect(refused.status).toBe(1);
    for (const name of ['PORTICO_SECRET_KEYS', 'OPENEDX_API_CLIENT_ID', 'OPENEDX_SERVICE_WORKER_CLIENT_ID', 'SMTP_URL'])
      expect(refused.stderr).toContain(name);
  }
});

type Product = Awaited<ReturnType<typeof createProduct>>;

function createClient(product: Product, owner: string) {
  const scope = 'accounts:read learning:read';
  return product.run([
    'create-client',
    '--name',
    'Test',
    '--grant',
    'client_credentials',
    '--owner',
    owner,
    '--scope',
    scope,
    '--json',
  ]);
}

async function linkStates(product: Product): Promise<Record<string, string>> {
  const { clientId, clientSecret } = JSON.parse((await createClient(product, 'root')).stdout);
  const token = await fetch(`${product.url}/oauth2/token/`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token } = (await token.json()) as { access_token: string };
  const answer = await fetch(`${product.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'query People { accounts(first: 10) { nodes { username edx { state } } } }' }),
  });
  const { data } = (await answer.json()) as {
    data: { accounts: { nodes: { username: string; edx: { state: string } }[] } };
  };
  return Object.fromEntries(data.accounts.nodes.map(({ username, edx }) => [username, edx.state]));
}
