import { expect, test } from 'vitest';
import { createAuthenticator } from '../../../src/crypto/authenticator.js';
import { migrate } from '../../../src/entities/migrate.js';
import { migrations } from '../../../src/entities/migrations.js';
import { createOrm } from '../../../src/entities/orm.js';
import { writeAnchor } from '../../../src/services/audit/chain/anchor.js';
import { type ChainPlace, emptyChain, linkAct, sealAddress } from '../../../src/services/audit/chain/link.js';
import { actAt, openAuditSite } from '../../support/audit-site.js';
import { createEmptyDatabase } from '../../support/test-database.js';

const authenticator = createAuthenticator(['test-secret-key-of-at-least-32-characters'], 'audit');

/** An act as it was stored when links were columns of it; without a place for one that is not chained yet. */
const insertLinked = `insert into audit_event (id, at, action, outcome, client_id, address, detail, position, hash, mac, key_id,
    address_salt, address_hash)
  values (?, ?, 'token.issued', 'success', 'acme', ?, '{"b": 1, "a": [true]}', ?, ?, ?, ?, ?, ?)`;

test('a chain from when its links were columns of the events is taken along, and goes on', async () => {
  await using database = await createEmptyDatabase();
  await using stack = new AsyncDisposableStack();
  const orm = stack.adopt(createOrm({ url: database.url, poolSize: 2 }), (it) => it.close());
  const before = migrations.map(({ name }) => name).filter((name) => !name.includes('audit_links'));
  await orm.migrator.up({ migrations: before });

  const em = orm.em.fork();
  let head: ChainPlace = emptyChain;
  for (let number = 1; number <= 12; number += 1) {
    const id = `01900000-0000-7000-8000-0000000000${String(number).padStart(2, '0')}`;
    const at = `2026-01-01T00:00:${String(number).padStart(2, '0')}.000123Z`;
    const names = { action: 'token.issued', outcome: 'success', actorId: null, clientId: 'acme', subjectId: null };
    // The first ones are from before addresses were sealed, the last two from just now.
    const [address, isSealed, isChained] = ['192.0.2.7', number > 3, number <= 10];
    const seal = isSealed && isChained ? sealAddress(address) : { addressSalt: null, addressHash: null };
    const act = { id, at, ...names, address, addressHash: seal.addressHash, detail: { b: 1, a: [true] } };
    const link = isChained ? linkAct(head, act, authenticator) : undefined;
    const values = [link?.position, link?.hash, link?.mac, link?.keyId, seal.addressSalt, seal.addressHash];
    await em.execute(insertLinked, [id, at, address, ...values.map((value) => value ?? null)]);
    if (link) head = link;
  }
  await writeAnchor(em, 'head', head, authenticator, new Date());

  await migrate(orm, database.url);
  await using site = await openAuditSite({ databaseUrl: database.url });
  expect(await site.verify({ notedHead: head })).toMatchObject({ isIntact: true, verified: 10, unchained: 2 });
  await site.act(1);
  await site.chainAll();
  expect(await site.verify({ notedHead: head })).toMatchObject({ isIntact: true, verified: 13, unchained: 0 });
  await site.tamper(`update audit_event set client_id = 'other' where ${actAt(7)}`);
  expect(await site.verify()).toMatchObject({ isIntact: false, verified: 6, fault: { kind: 'changed', position: 7 } });
});
