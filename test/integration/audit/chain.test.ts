import { describe, expect, test } from 'vitest';
import { createAuthenticator } from '../../../src/crypto/authenticator.js';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { writeAnchor } from '../../../src/services/audit/chain/anchor.js';
import { AuditChainBrokenError } from '../../../src/services/audit/chain/append.js';
import { eraseAddresses } from '../../../src/services/audit/chain/erase-addresses.js';
import { type ChainedAct, hashLink } from '../../../src/services/audit/chain/link.js';
import { type AuditSite, actAt, openAuditSite } from '../../support/audit-site.js';
import { startChild } from '../../support/child-process.js';
import { eventually } from '../../support/eventually.js';

/** An intact chain of so many acts. */
async function aChain(count = 20): Promise<AuditSite> {
  const site = await openAuditSite();
  await site.act(count);
  await site.chainAll();
  return site;
}

describe('an untouched audit', () => {
  test('is intact, however its acts were divided into steps', async () => {
    await using site = await openAuditSite({ batchSize: 3 });
    await site.act(10);
    expect(await site.verify()).toMatchObject({ isIntact: true, verified: 0, unchained: 10 });
    await site.chainAll();
    await site.act(2);
    await site.chainAll();
    const report = await site.verify();
    expect(report).toMatchObject({ isIntact: true, fault: null, verified: 12, unchained: 0, unchainedSince: null });
    expect(report.head.position).toBe(12);
  });

  test('is intact when it is empty', async () => {
    await using site = await openAuditSite();
    await site.chainAll();
    expect(await site.verify()).toMatchObject({ isIntact: true, verified: 0 });
  });

  test('tells how far the verification is', async () => {
    await using site = await aChain(20);
    const seen: string[] = [];
    await site.verify({ onProgress: ({ verified, total }) => seen.push(`${verified}/${total}`) });
    expect(seen).toEqual(['7/20', '14/20', '20/20']);
  });

  test('is chained in the order of commits: an act of a transaction that ends late comes late', async () => {
    await using site = await openAuditSite();
    await site.orm.em.fork().transactional(async (tx) => {
      await site.audit.record({ action: 'client.created', outcome: 'success', actor: { accountId: null } }, tx);
      await site.act(2);
      await site.chainAll();
      expect(await site.verify()).toMatchObject({ isIntact: true, verified: 2, unchained: 0 });
    });
    await site.chainAll();
    expect(await site.verify()).toMatchObject({ isIntact: true, verified: 3 });
  });
});

test('of transactions that end in any order, while others chain, each that is kept is chained once, and none that is not', async () => {
  await using site = await openAuditSite({ batchSize: 2 });
  const started = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const ends = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const actor = { accountId: null };
  const transactions = ends.map((end, number) =>
    site.orm.em.fork().transactional(async (tx) => {
      await site.audit.record({ action: 'client.created', outcome: 'success', actor, detail: { number } }, tx);
      started[number]?.resolve();
      await end.promise;
    }),
  );
  await Promise.all(started.map(({ promise }) => promise));
  const chained = async () => {
    await site.chainAll();
    const rows = await site.orm.em.fork().execute<{ number: number }[]>(
      `select (detail ->> 'number')::int as number from audit_link join audit_event on id = event_id
         where action = 'client.created' order by position`,
    );
    return rows.map(({ number }) => number);
  };
  await site.act(3);
  expect(await chained()).toEqual([]);
  ends[2]?.resolve();
  await transactions[2];
  expect(await chained()).toEqual([2]);
  ends[1]?.reject(new Error('undone'));
  await expect(transactions[1]).rejects.toThrow('undone');
  await site.act(2);
  expect(await chained()).toEqual([2]);
  ends[0]?.resolve();
  await transactions[0];
  expect(await chained()).toEqual([2, 0]);
  expect(await site.verify()).toMatchObject({ isIntact: true, verified: 7, unchained: 0 });
  expect(await site.orm.em.fork().execute('select 1 from audit_pending')).toEqual([]);
});

test('a step that fails leaves what it took for the next one', async () => {
  await using site = await aChain(3);
  await site.act(4);
  await site.tamper('alter table audit_link add constraint closed check (position <= 3) not valid');
  await expect(site.chainAll()).rejects.toThrow('closed');
  expect(await site.verify()).toMatchObject({ isIntact: true, verified: 3, unchained: 4 });
  await site.tamper('alter table audit_link drop constraint closed');
  await site.chainAll();
  expect(await site.verify()).toMatchObject({ isIntact: true, verified: 7, unchained: 0 });
});

test('an event that nobody remembers to chain is told of', async () => {
  await using site = await aChain(3);
  await site.act(1);
  await site.tamper('delete from audit_pending');
  await site.chainAll();
  expect(await site.verify()).toMatchObject({ isIntact: true, verified: 3, unchained: 1 });
});

describe('a retired account', () => {
  test('takes its network addresses out of the chain, which stays intact; those of others stay', async () => {
    await using site = await openAuditSite();
    const [leaver, other] = [await anAccount(site, 'leaver', 'RETIRED'), await anAccount(site, 'other', 'ACTIVE')];
    const signIn = (accountId: string | null, subjectId: string, address: string) =>
      site.audit.record({ action: 'sign-in', outcome: 'success', actor: { accountId, address }, subjectId });
    await signIn(leaver, leaver, '192.0.2.1');
    await signIn(null, leaver, '192.0.2.2');
    await signIn(other, leaver, '198.51.100.3');
    await signIn(other, other, '198.51.100.4');
    await site.chainAll();
    await signIn(leaver, leaver, '192.0.2.5');
    expect(await eraseAddresses(site.orm.em, leaver)).toEqual({ erased: 3, kept: 0 });
    expect(await site.verify()).toMatchObject({ isIntact: true, verified: 4, withErasedAddress: 2, unchained: 1 });
    await site.chainAll();
    expect(await site.verify()).toMatchObject({ isIntact: true, verified: 5 });
    const rows = await site.orm.em
      .fork()
      .execute<{ row: string }[]>(
        'select audit_event::text || audit_link::text as row from audit_event join audit_link on event_id = id',
      );
    const text = rows.map(({ row }) => row).join('\n');
    expect(text).not.toContain('192.0.2.');
    expect(text).toContain('198.51.100.3');
    expect(await eraseAddresses(site.orm.em, leaver)).toEqual({ erased: 0, kept: 0 });
  });

  test('leaves the addresses that an older chain covers as they are, and says how many', async () => {
    await using site = await openAuditSite();
    const leaver = await anAccount(site, 'leaver', 'RETIRED');
    const actor = { accountId: leaver, address: '192.0.2.1' };
    await site.audit.record({ action: 'sign-in', outcome: 'success', actor });
    await site.chainAll();
    await site.tamper('update audit_link set address_salt = null, address_hash = null');
    expect(await eraseAddresses(site.orm.em, leaver)).toEqual({ erased: 0, kept: 1 });
  });
});

async function anAccount({ orm }: AuditSite, username: string, status: 'ACTIVE' | 'RETIRED'): Promise<string> {
  const em = orm.em.fork();
  const account = em.create(AccountEntity, { username, email: `${username}@example.org`, name: username, status });
  await em.flush();
  return account.id;
}

describe('somebody with the database alone', () => {
  const cases: [string, string, object][] = [
    ['changes an outcome', `update audit_event set outcome = 'refused' where ${actAt(5)}`, { kind: 'changed' }],
    [
      'changes a time by a microsecond',
      `update audit_event set at = at + '1 us' where ${actAt(5)}`,
      { kind: 'changed' },
    ],
    ['changes a detail', `update audit_event set detail = detail || '{"x":1}' where ${actAt(5)}`, { kind: 'changed' }],
    [
      'changes a network address',
      `update audit_event set address = '192.0.2.8' where ${actAt(5)}`,
      { kind: 'changed' },
    ],
    [
      'changes a network address and its seal',
      `update audit_event set address = '192.0.2.8' where ${actAt(5)}; update audit_link set address_salt = 's', address_hash = 'h' where position = 5`,
      { kind: 'changed' },
    ],
    [
      'erases the network address of somebody who is still there',
      `update audit_event set address = null where ${actAt(5)}; update audit_link set address_salt = null where position = 5`,
      { kind: 'changed' },
    ],
    ['takes a name away', `update audit_event set client_id = null where ${actAt(5)}`, { kind: 'changed' }],
    ['deletes an event', `delete from audit_event where ${actAt(5)}`, { kind: 'missing', eventId: expect.any(String) }],
    [
      'deletes an event and its link',
      `delete from audit_event where ${actAt(5)}; delete from audit_link where position = 5`,
      { kind: 'missing', eventId: null },
    ],
    ['takes an event out of the chain', 'delete from audit_link where position = 5', { kind: 'missing' }],
    [
      'closes the gap',
      `delete from audit_event where ${actAt(5)}; delete from audit_link where position = 5; update audit_link set position = -position where position > 5; update audit_link set position = -position - 1 where position < 0`,
      { kind: 'changed' },
    ],
    ['makes up a signature', `update audit_link set mac = 'made-up' where position = 5`, { kind: 'forged' }],
  ];
  test.each(cases)('is found out: who %s', async (_what, sql, fault) => {
    await using site = await aChain();
    for (const statement of sql.split('; ')) await site.tamper(statement);
    const report = await site.verify();
    expect(report).toMatchObject({ isIntact: false, verified: 4, fault: { position: 5, ...fault } });
  });

  test('is found out when they exchange two events', async () => {
    await using site = await aChain();
    await site.tamper('update audit_link set position = 999 where position = 5');
    await site.tamper('update audit_link set position = 5 where position = 6');
    await site.tamper('update audit_link set position = 6 where position = 999');
    expect(await site.verify()).toMatchObject({ isIntact: false, fault: { kind: 'changed', position: 5 } });
  });

  test('is found out when they cut off the end, with or without the head', async () => {
    await using site = await aChain();
    await site.tamper('delete from audit_link where position > 15');
    expect(await site.verify()).toMatchObject({ isIntact: false, fault: { kind: 'cut-off', position: 16 } });
    await site.tamper(
      'update audit_anchor set position = 15, hash = e.hash, mac = e.mac from audit_link e where e.position = 15',
    );
    expect(await site.verify()).toMatchObject({ isIntact: false, fault: { kind: 'head', position: 15 } });
    await site.tamper('delete from audit_anchor');
    expect(await site.verify()).toMatchObject({ isIntact: false, fault: { kind: 'head' } });
  });

  test('is not helped by the next acts: a head that was changed is not signed anew', async () => {
    await using site = await aChain();
    await site.tamper('delete from audit_link where position > 15');
    await site.tamper('update audit_anchor set position = 15');
    await site.act(1);
    await expect(site.chainAll()).rejects.toThrow(AuditChainBrokenError);
    await site.tamper('delete from audit_anchor');
    await expect(site.chainAll()).rejects.toThrow(AuditChainBrokenError);
    expect(await site.verify()).toMatchObject({ isIntact: false });
  });

  test('is found out when they build the hashes anew', async () => {
    await using site = await aChain();
    await site.tamper(`update audit_event set outcome = 'refused' where ${actAt(5)}`);
    await rebuildHashes(site, 5);
    expect(await site.verify()).toMatchObject({ isIntact: false, verified: 4, fault: { kind: 'forged', position: 5 } });
    await site.tamper(`update audit_link set key_id = 'former-key' where position >= 5`);
    await site.tamper('update audit_anchor set hash = e.hash from audit_link e where e.position = 20');
    expect(await site.verify()).toMatchObject({ isIntact: false, fault: { kind: 'head', position: 20 } });
  });

  test('is found out when they add events behind the head or twice', async () => {
    await using site = await aChain();
    const copy = (position: string) =>
      site.tamper(
        `with added as (insert into audit_event (id, at, action, outcome)
           select gen_random_uuid(), at, action, outcome from audit_event where ${actAt(7)} returning id)
         insert into audit_link (position, event_id, hash, mac, key_id)
         select ${position}, added.id, hash, mac, key_id from added, audit_link where position = 7`,
      );
    await copy('21');
    expect(await site.verify()).toMatchObject({ isIntact: false, fault: { kind: 'extra', position: 21 } });
    await site.tamper('delete from audit_link where position = 21');
    await site.tamper('alter table audit_link drop constraint audit_link_pkey');
    await copy('7');
    expect(await site.verify()).toMatchObject({ isIntact: false, fault: { kind: 'extra' } });
  });

  test('is found out by a head that was noted elsewhere when they put an older state back', async () => {
    await using site = await aChain(10);
    await site.tamper('create table old_anchor as select * from audit_anchor');
    const early = (await site.verify()).head;
    await site.act(5);
    await site.chainAll();
    const notedHead = (await site.verify()).head;
    expect(await site.verify({ notedHead: early })).toMatchObject({ isIntact: true });
    await site.tamper('delete from audit_link where position > 10');
    await site.tamper('update audit_anchor a set position = o.position, hash = o.hash, mac = o.mac from old_anchor o');
    expect(await site.verify()).toMatchObject({ isIntact: true, verified: 10 });
    expect(await site.verify({ notedHead })).toMatchObject({ fault: { kind: 'cut-off', position: 11 } });
    await site.act(5);
    await site.chainAll();
    expect(await site.verify({ notedHead })).toMatchObject({ fault: { kind: 'unlike-noted', position: 15 } });
    await site.tamper('delete from audit_event');
    await site.tamper('delete from audit_link');
    await site.tamper('delete from audit_anchor');
    expect(await site.verify({ notedHead })).toMatchObject({ isIntact: false, fault: { kind: 'head' } });
  });
});

describe('keys', () => {
  const [former, next] = ['former-secret-key-of-at-least-32-characters', 'next-secret-key-of-at-least-32-characters'];

  test('a new key signs what comes; what the former one signed is still vouched for, also without it', async () => {
    await using first = await openAuditSite({ keys: [former] });
    const { databaseUrl } = first;
    await first.act(5);
    await first.chainAll();
    await using both = await openAuditSite({ databaseUrl, keys: [next, former] });
    await both.act(5);
    await both.chainAll();
    expect(await both.verify()).toMatchObject({ isIntact: true, verified: 10, signedWithFormerKeys: 0 });
    await using later = await openAuditSite({ databaseUrl, keys: [next] });
    expect(await later.verify()).toMatchObject({ isIntact: true, verified: 10, signedWithFormerKeys: 5 });
    await later.tamper(`update audit_event set outcome = 'refused' where ${actAt(2)}`);
    await rebuildHashes(later, 2);
    expect(await later.verify()).toMatchObject({ isIntact: false, fault: { kind: 'forged', position: 6 } });
  });

  test('a key that was dropped before the new one was used is asked for, and nothing is lost', async () => {
    await using first = await openAuditSite({ keys: [former] });
    const { databaseUrl } = first;
    await first.act(5);
    await first.chainAll();
    await using hasty = await openAuditSite({ databaseUrl, keys: [next] });
    await hasty.act(1);
    await expect(hasty.chainAll()).rejects.toThrow(/PORTICO_SECRET_KEYS/);
    expect(await hasty.verify()).toMatchObject({ isIntact: false, fault: { kind: 'head' }, unchained: 1 });
    await using careful = await openAuditSite({ databaseUrl, keys: [next, former] });
    await careful.chainAll();
    expect(await careful.verify()).toMatchObject({ isIntact: true, verified: 6 });
  });
});

test('what retention deleted is not missed: the chain is verified from its signed start', async () => {
  await using site = await aChain(20);
  const [row] = await site.orm.em.fork().execute<{ hash: string }[]>('select hash from audit_link where position = 8');
  const place = { position: 8, hash: row?.hash ?? '' };
  const retain = (position: number) =>
    site.tamper(
      `with gone as (delete from audit_link where position <= ${position} returning event_id)
       delete from audit_event using gone where id = event_id`,
    );
  await retain(8);
  const forger = createAuthenticator(['a-key-that-is-not-of-this-portico-at-all'], 'audit');
  await writeAnchor(site.orm.em.fork(), 'start', place, forger, new Date());
  expect(await site.verify()).toMatchObject({ isIntact: false, fault: { kind: 'start', position: 8 } });
  const own = createAuthenticator(['test-secret-key-of-at-least-32-characters'], 'audit');
  await writeAnchor(site.orm.em.fork(), 'start', place, own, new Date());
  expect(await site.verify()).toMatchObject({ isIntact: true, verified: 12, head: { position: 20 } });
  await retain(9);
  expect(await site.verify()).toMatchObject({ isIntact: false, fault: { kind: 'missing', position: 9 } });
});

test('processes that record and chain at the same time make one chain, and killing one of them loses nothing', async () => {
  await using site = await openAuditSite({ batchSize: 20 });
  const child = new URL('./chaining-child.ts', import.meta.url);
  await using one = startChild(child, [site.databaseUrl]);
  await using other = startChild(child, [site.databaseUrl]);
  await Promise.all([one.line('recorded'), other.line('recorded')]);
  await one.kill();
  await site.act(50);
  await other.line('done');
  await eventually('all is chained', async () => {
    await site.chain.append();
    return (await site.verify()).unchained === 0;
  });
  const report = await site.verify();
  expect(report).toMatchObject({ isIntact: true, fault: null });
  const [stored] = await site.orm.em.fork().execute<{ count: number }[]>('select count(*)::int from audit_event');
  expect(report.verified).toBe(stored?.count);
  expect(report.verified).toBeGreaterThan(250);
});

/** Recomputes all hashes from a position on, as anybody can who reads how it is done. */
async function rebuildHashes({ orm }: AuditSite, from: number): Promise<void> {
  const em = orm.em.fork();
  const rows = await em.execute<(ChainedAct & { position: number; hash: string })[]>(
    `select id, to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, action, outcome,
       actor_id as "actorId", client_id as "clientId", subject_id as "subjectId", address, address_hash as "addressHash",
       detail, position::int as position, hash
     from audit_link join audit_event on id = event_id where position >= ? order by position`,
    [from - 1],
  );
  let previous = rows.shift();
  for (const row of rows) {
    if (!previous) throw new Error('there is nothing before it');
    const hash = hashLink(previous, row);
    await em.execute('update audit_link set hash = ? where event_id = ?', [hash, row.id]);
    previous = { ...row, hash };
  }
}
