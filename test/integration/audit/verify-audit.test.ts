import { afterAll, expect, test } from 'vitest';
import { actAt, openAuditSite } from '../../support/audit-site.js';
import { runCommand } from '../../support/run-command.js';

const site = await openAuditSite();
afterAll(() => site[Symbol.asyncDispose]());

const verifyAudit = (...args: string[]) => runCommand(['verify-audit', ...args], { DATABASE_URL: site.databaseUrl });

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

  await site.tamper(`update audit_event set outcome = 'refused' where ${actAt(3)}`);
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
