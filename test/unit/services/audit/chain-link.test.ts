import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { emptyChain, hashLink, sealAddress } from '../../../../src/services/audit/chain/link.js';

const act = {
  id: '019ab7d2-0000-7000-8000-000000000001',
  at: '2026-11-25T04:00:00.123000Z',
  action: 'token.issued',
  outcome: 'success',
  actorId: null,
  clientId: 'acme',
  subjectId: null,
  address: '192.0.2.7',
  addressHash: null,
  detail: { scope: 'user:read', ключ: ['значение', 2.5], grantType: 'client_credentials' },
};

test('a link is the hash of a text that anybody can write down without a key', () => {
  const text =
    '["portico-audit-1",1,"",{"action":"token.issued","actorId":null,"address":"192.0.2.7","at":"2026-11-25T04:00:00.123000Z",' +
    '"clientId":"acme","detail":{"grantType":"client_credentials","scope":"user:read","ключ":["значение",2.5]},' +
    '"id":"019ab7d2-0000-7000-8000-000000000001","outcome":"success","subjectId":null}]';
  expect(hashLink(emptyChain, act)).toBe(createHash('sha256').update(text).digest('base64url'));
});

test('a link depends on what was before it, and on no order of keys', () => {
  const { scope, grantType, ...rest } = act.detail;
  expect(hashLink(emptyChain, { ...act, detail: { ...rest, grantType, scope } })).toBe(hashLink(emptyChain, act));
  expect(hashLink({ position: 0, hash: 'x' }, act)).not.toBe(hashLink(emptyChain, act));
  expect(hashLink({ position: 1, hash: '' }, act)).not.toBe(hashLink(emptyChain, act));
});

test('a link with a sealed address does not depend on whether the address is still there', () => {
  const { addressHash } = sealAddress('192.0.2.7', 'salt');
  expect(addressHash).toBe(createHash('sha256').update('salt\n192.0.2.7').digest('base64url'));
  const link = hashLink(emptyChain, { ...act, addressHash });
  expect(hashLink(emptyChain, { ...act, addressHash, address: null })).toBe(link);
  expect(hashLink(emptyChain, { ...act, addressHash: sealAddress('192.0.2.8', 'salt').addressHash })).not.toBe(link);
  expect(link).not.toBe(hashLink(emptyChain, act));
});
