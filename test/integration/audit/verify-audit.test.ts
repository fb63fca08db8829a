import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { openAuditSite } from '../../support/audit-site.js';

const site = await openAuditSite();
afterAll(() => site[Symbol.asyncDispose]());

/** `portico verify-audit` as an operator runs it. */
async function verifyAudit(...args: string[]) {
  const child = spawn(process.execPath, ['bin/portico.js', 'verify-audit', ...args], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: site.databaseUrl,
      PORTICO_PUBLIC_URL: 'http://portico.localhost:8053',
      PORTICO_SECRET_KEYS: 'test-secret-key-of-at-least-32-characters',
      OPENEDX_API_BASE_URL: 'http://lms.localhost:18000',
      OPENEDX_API_CLIENT_ID: 'portico-api',
      OPENEDX_API_CLIENT_SECRET: 'test-api-client-secret',
      OPENEDX_SERVICE_WORKER_API_TOKEN: 'test-worker-token',
      SMTP_URL: 'smtp://localhost:9',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { status: child.exitCode, stdout, stderr };
}

test('portico verify-audit says that the audit is intact, and fails with the first event that is not', async () => {
  await site.act(6);
  await site.chainAll();
  await site.act(1);

  const intact = await verifyAudit();
  expect(intact).toMatchObject({ status: 0, stderr: '' });
  expect(intact.stdout).toMatch(/^intact: 6 events\nhead 6:[\w-]{43}\n1 events are not in the chain yet/);
  const asJson = await verifyAudit('--json');
  expect(asJson.status).toBe(0);
  const report = JSON.parse(asJson.stdout);
  expect(report).toMatchObject({ isIntact: true, fault: null, verified: 6, unchained: 1 });
  expect((await verifyAudit('--head', report.head)).status).toBe(0);

  await site.tamper(`update audit_event set outcome = 'refused' where position = 3`);
  const changed = await verifyAudit();
  expect(changed.status).toBe(1);
  expect(changed.stdout).toMatch(
    /^NOT INTACT: event 3 \([\da-f-]{36}\) was changed\n2 events before it are in order\n/,
  );
  expect(JSON.parse((await verifyAudit('--json')).stdout)).toMatchObject({
    isIntact: false,
    verified: 2,
    fault: { kind: 'changed', position: 3, eventId: expect.any(String) },
  });
});

test('portico verify-audit refuses a head that it cannot have printed', async () => {
  const { status, stderr } = await verifyAudit('--head', 'latest');
  expect(status).not.toBe(0);
  expect(stderr).toContain('--head');
});
