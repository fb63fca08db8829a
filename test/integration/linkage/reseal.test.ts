import { expect, test } from 'vitest';
import { createSealer } from '../../../src/crypto/sealer.js';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import { resealTokens } from '../../../src/services/edx-api-token/reseal.js';
import { createLinkageBench } from './linkage-bench.js';

test('after a rotation of the secret keys the API tokens are sealed anew, so that the old key can be taken away', async () => {
  await using bench = await createLinkageBench();
  await using node = await bench.node();
  const { em } = bench;
  const [oldKey, newKey] = [
    'test-secret-key-of-at-least-32-characters',
    'another-secret-key-of-at-least-32-characters',
  ];
  const people = [await bench.account({ username: 'alice' }), await bench.account({ username: 'bob' })];
  const tokens: string[] = [];
  for (const { id } of people) {
    await node.edxLinks.create(id);
    tokens.push(await node.edxApiTokens.getValidToken(id));
  }
  expect(await node.edxApiTokens.reseal()).toEqual({ resealed: 0, unreadable: 0 });

  const both = createSealer([newKey, oldKey], 'edx-api-token');
  expect(await resealTokens({ em, sealer: both })).toEqual({ resealed: 2, unreadable: 0 });
  expect(await resealTokens({ em, sealer: both })).toEqual({ resealed: 0, unreadable: 0 });
  const newOnly = createSealer([newKey], 'edx-api-token');
  const rows = await em
    .fork()
    .find(EdxLinkEntity, {}, { populate: ['apiAccessToken', 'apiRefreshToken'], orderBy: { id: 'asc' } });
  const opened = await Promise.all(rows.map((row) => newOnly.open(row.apiAccessToken ?? '')));
  expect(opened).toEqual(tokens);
  for (const row of rows) expect(await newOnly.open(row.apiRefreshToken ?? '')).toBeTypeOf('string');

  // What no configured key opens stays as it is: a new pair is obtained when one is needed.
  const stranger = createSealer(['a-third-secret-key-of-at-least-32-characters'], 'edx-api-token');
  expect(await resealTokens({ em, sealer: stranger })).toEqual({ resealed: 0, unreadable: 2 });
});
