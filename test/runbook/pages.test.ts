import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { askGraph, type GraphCaller } from '../support/gql.js';
import { createProduct, type Product, type RunningStart } from '../support/product.js';
import { pullLever } from '../support/sandbox-levers.js';
import { type RunbookPage, readRunbook } from './read-pages.js';
import { installPortico, runShell } from './shell.js';

/** Every page of the runbook is read by an operator of `npm start`, who does what it says. */
const pages = await readRunbook();
const runnable = pages.filter(({ blocks }) => blocks.some(({ tag }) => tag === 'sh run' || tag === 'graphql run'));

/** What is wrong when a page is opened, where the sandbox can be brought to it; it is over before `## Fixed`. */
const troubles: Record<string, { mode: string; match: string }> = {
  'lms-circuit-open': { mode: 'down', match: '*' },
  'lms-refuses-portico': { mode: 'forbidden', match: '/oauth2/*' },
  'enrollments-wait': { mode: 'down', match: '/api/enrollment/*' },
};

let folder: string;
let product: Product;
let running: RunningStart;
let env: Record<string, string>;
let admin: GraphCaller;
let graceId: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portico-runbook-'));
  product = await createProduct();
  running = await product.start();
  env = {
    ...product.settings,
    PATH: `${await installPortico(folder)}:${process.env.PATH}`,
    PORTICO_URL: product.url,
    INSTALLATION_FILE: join(folder, 'portico.yml'),
    ACCOUNTS_FILE: join(folder, 'accounts.csv'),
    BACKUP_FOLDER: join(folder, 'backup'),
  };
  admin = await anAdministrator();
  const { data } = await askGraph<{ account: { id: string } }>(admin, '{ account(by: { username: "grace" }) { id } }');
  graceId = data?.account.id ?? '';
}, 120_000);
afterAll(async () => {
  await running?.end('SIGTERM');
  await product?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function anAdministrator(): Promise<GraphCaller> {
  const scope = 'accounts:read accounts:write learning:read learning:write clients:admin operations:admin';
  const args = ['--name', 'Runbook', '--grant', 'client_credentials', '--owner', 'root', '--scope', scope, '--json'];
  const created = await product.run(['create-client', ...args]);
  const { clientId, clientSecret } = JSON.parse(created.stdout) as { clientId: string; clientSecret: string };
  const answer = await fetch(`${product.url}/oauth2/token/`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return { url: product.url, token };
}

async function runBlocks(text: string, page: RunbookPage): Promise<void> {
  for (const block of page.blocks.filter((each) => text.includes(each.text))) {
    if (block.tag === 'sh run') await runShell(block.text, env);
    else if (block.tag === 'graphql run') {
      const { errors, data } = await askGraph(admin, block.text, { accountId: graceId });
      expect(errors, block.text).toBeUndefined();
      expect(JSON.stringify(data), block.text).not.toMatch(/"userErrors":\[\{/);
    }
  }
}

describe('what a page says to run does run', () => {
  test.each(runnable.map((page) => [page.name, page] as const))(
    '%s',
    async (name, page) => {
      const trouble = troubles[name];
      const [look = '', fixed] = page.text.split('\n## Fixed\n');
      if (trouble) await pullLever(product.lmsUrl, 'PUT', 'faults', [trouble]);
      await runBlocks(look, page);
      if (trouble) await pullLever(product.lmsUrl, 'DELETE', 'faults');
      if (fixed === undefined) return;
      await eventually('the LMS is well again', async () => (await fetch(`${product.url}/health/full`)).ok, {
        deadlineMs: 60_000,
      });
      await runBlocks(fixed, page);
    },
    120_000,
  );
});

test('the home of npm start is backed up and restored by copying it', async () => {
  const blockOf = (name: string) =>
    pages.find((page) => page.name === name)?.blocks.find(({ tag }) => tag === 'sh stopped');
  const auditOf = async () => JSON.parse((await product.run(['verify-audit', '--json'])).stdout) as { head: unknown };
  await running.end('SIGTERM');
  const before = await auditOf();
  await runShell(blockOf('backup')?.text ?? 'exit 1', env);
  const changed = await product.run(['create-admin', '--email', 'later@example.org', '--name', 'Later On']);
  expect(changed).toMatchObject({ status: 0 });
  await runShell(blockOf('restore')?.text ?? 'exit 1', env);
  expect(await auditOf()).toEqual(before);
  running = await product.start();
  const { data } = await askGraph<{ account: unknown }>(
    admin,
    '{ account(by: { email: "later@example.org" }) { id } }',
  );
  expect(data).toEqual({ account: null });
}, 180_000);
