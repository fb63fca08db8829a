import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAuthentication, parseRegistration } from '../../../../src/services/passkey/answer.js';

const challenge = 'c'.repeat(43);
const clientData = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const anAnswer = (response: object = {}) => ({
  id: 'abc_-1',
  rawId: 'abc_-1',
  type: 'public-key',
  clientExtensionResults: { credProps: { rk: true } },
  response: {
    clientDataJSON: clientData({ challenge, type: 'webauthn.get' }),
    authenticatorData: 'AAAA',
    signature: 'AAAA',
    ...response,
  },
});

test('an answer names the challenge that it claims to answer', () => {
  expect(parseAuthentication(JSON.stringify(anAnswer()))).toMatchObject({ challenge, response: { id: 'abc_-1' } });
  const registration = anAnswer({ attestationObject: 'AAAA', transports: ['usb'] });
  expect(parseRegistration(JSON.stringify(registration))).toMatchObject({
    challenge,
    response: { response: { transports: ['usb'] } },
  });
});

test.each<[string, object]>([
  ['of another type', { ...anAnswer(), type: 'password' }],
  ['without an id', { ...anAnswer(), id: '' }],
  ['with an id that is no base64url', { ...anAnswer(), id: 'a\0b' }],
  ['without a signature', anAnswer({ signature: undefined })],
  ['with client data that is no JSON', anAnswer({ clientDataJSON: 'AAAA' })],
  ['with client data that is nothing', anAnswer({ clientDataJSON: clientData(null) })],
  ['without a challenge', anAnswer({ clientDataJSON: clientData({}) })],
  ['with a challenge that is none of ours', anAnswer({ clientDataJSON: clientData({ challenge: 'short' }) })],
  ['with a challenge that no database takes', anAnswer({ clientDataJSON: clientData({ challenge: '\0'.repeat(43) }) })],
])('an answer %s is none', (_what, answer) => {
  expect(parseAuthentication(JSON.stringify(answer))).toBeUndefined();
});

test('whatever is sent, nothing is thrown', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.anything().map((value) => JSON.stringify(value) ?? ''),
      ),
      (text) => {
        expect(parseAuthentication(text)).toBeUndefined();
        expect(parseRegistration(text)).toBeUndefined();
      },
    ),
  );
});
