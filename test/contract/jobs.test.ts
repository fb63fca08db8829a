import { afterAll, beforeAll, expect, test } from 'vitest';
import { EdxLinkEntity } from '../../src/entities/edx-link.entity.js';
import { type GraphSite, startGraphSite } from '../support/graph-site.js';
import { runCommand } from '../support/run-command.js';

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
});
afterAll(() => site[Symbol.asyncDispose]());

function portico(...args: string[]) {
  return runCommand([...args, '--json'], { DATABASE_URL: site.gateway.context.config.database.url });
}

test('87: an operator names a person by id, e-mail address, username or LMS username; none and many are errors', async () => {
  const rose = await site.aPerson({ username: 'rose' });
  const lily = await site.aPerson({ username: 'lily' });
  const links = site.gateway.context.orm.em.fork();
  await links.nativeUpdate(EdxLinkEntity, { accountId: rose.id }, { edxUsername: 'Rose_LMS', edxUserId: 4711 });
  const found = async (who: string) => {
    const { status, stdout, stderr } = await portico('retire-account', who, '--dry-run');
    return status === 0 ? JSON.parse(stdout).username : { status, stderr };
  };

  for (const who of [rose.id, 'ROSE@Example.org', 'Rose', 'rose_lms', '4711']) expect(await found(who)).toBe('rose');
  expect(await found('nobody')).toEqual({ status: 1, stderr: 'There is no account “nobody”.\n' });
  expect(await found('4712')).toMatchObject({ status: 1 });

  await links.nativeUpdate(EdxLinkEntity, { accountId: lily.id }, { edxUsername: 'rose' });
  const many = await found('rose');
  expect(many).toMatchObject({ status: 1, stderr: expect.stringContaining(rose.id) });
  expect(many).toMatchObject({ stderr: expect.stringContaining(lily.id) });
  expect(await found(lily.id)).toBe('lily');
}, 120_000);
