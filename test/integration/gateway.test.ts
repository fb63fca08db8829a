import { expect, test } from 'vitest';
import { systemActor } from '../../src/services/actor.js';
import { eventually } from '../support/eventually.js';
import { startGateway } from '../support/start-gateway.js';

test('a new account gets its LMS account by a job, while the LMS calls back for the details', async () => {
  await using gateway = await startGateway({ sandbox: 'demo', worker: true });
  const { accounts, edxLinks } = gateway.context.services;
  const account = await accounts.create(
    { email: 'alice@example.org', name: 'Alice Liddell', isEmailVerified: true },
    systemActor,
  );
  const link = await eventually('the link', async () => {
    const found = await edxLinks.find(account.id);
    return found?.state === 'LINKED' ? found : undefined;
  });
  expect(link.edxUsername).toBe(account.username);
});

test('a stopped gateway has closed everything: the process could end', async () => {
  const gateway = await startGateway({ sandbox: 'empty', worker: true });
  await gateway[Symbol.asyncDispose]();
  await expect(fetch(gateway.url)).rejects.toThrow();
  const left = process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap');
  expect(left).toEqual([]);
});
