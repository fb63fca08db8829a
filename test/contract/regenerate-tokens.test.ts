import { expect, test } from 'vitest';
import { systemActor } from '../../src/services/actor.js';
import { runCommand } from '../support/run-command.js';
import { testEnvironment } from '../support/settings.js';
import { startGateway } from '../support/start-gateway.js';

test('81: regenerate-edx-tokens drops the pair, stores another one, and prints nothing secret', async () => {
  await using gateway = await startGateway({ sandbox: 'demo' });
  const { accounts, edxLinks, edxApiTokens } = gateway.context.services;
  const vera = await accounts.create(
    { username: 'vera', email: 'vera@example.org', name: 'Vera', isEmailVerified: true },
    systemActor,
  );
  await edxLinks.create(vera.id);
  const before = await edxApiTokens.getValidToken(vera.id);
  const env = {
    ...testEnvironment,
    DATABASE_URL: gateway.context.config.database.url,
    OPENEDX_API_BASE_URL: gateway.sandbox.lmsUrl,
    PORTICO_PUBLIC_URL: gateway.url,
  };
  const { status, stdout, stderr } = await runCommand(['regenerate-edx-tokens', 'VERA@example.org', '--json'], env);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    tokens: [{ username: 'vera', outcome: 'regenerated', reason: null, expiresAt: expect.any(String) }],
  });
  const after = await edxApiTokens.getValidToken(vera.id);
  expect(after).not.toBe(before);
  for (const token of [before, after]) expect(stdout).not.toContain(token);

  const unknown = await runCommand(['regenerate-edx-tokens', 'nobody'], env);
  expect(unknown).toEqual({ status: 1, stdout: '', stderr: 'There is no account “nobody”.\n' });
  const resumed = await runCommand(['resume-registrations', '--json'], env);
  expect(JSON.parse(resumed.stdout)).toEqual({ resumed: false });
}, 90_000);
