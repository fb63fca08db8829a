import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/** A passkey without browser and device: makes what both would send (WebAuthn Level 3, 6), ES256, without attestation. */
export interface SoftwarePasskey {
  readonly credentialId: string;
  /** How often it was used; goes into the next answer, plus one. */
  counter: number;
  /** Answers `navigator.credentials.create`, as JSON. */
  create(options: PublicKeyCredentialCreationOptionsJSON, changes?: AnswerChanges): string;
  /** Answers `navigator.credentials.get`, as JSON. */
  use(options: PublicKeyCredentialRequestOptionsJSON, changes?: AnswerChanges): string;
}

/** What an answer says other than it should. */
export interface AnswerChanges {
  origin?: string;
  rpId?: string;
  challenge?: string;
  isPersonVerified?: boolean;
  userHandle?: string;
}

type CborValue = Parameters<typeof isoCBOR.encode>[0];

const flags = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10, hasCredential: 0x40 };

/**
 * @param origin - of the page that it is used on
 * @param isSyncable - whether it says that it may be copied to other devices
 * @param counts - whether it counts how often it was used
 */
export function createSoftwarePasskey(
  origin: string,
  { isSyncable = false, counts = true }: { isSyncable?: boolean; counts?: boolean } = {},
): SoftwarePasskey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(16);
  const credentialId = id.toString('base64url');
  let owner = '';

  const authenticatorData = (rpId: string, isPersonVerified: boolean, credential?: Buffer) => {
    const bits =
      flags.userPresent |
      (isPersonVerified ? flags.userVerified : 0) |
      (isSyncable ? flags.backupEligible | flags.backedUp : 0) |
      (credential ? flags.hasCredential : 0);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(it.counter);
    return Buffer.concat([
      createHash('sha256').update(rpId).digest(),
      Buffer.from([bits]),
      counter,
      credential ?? Buffer.alloc(0),
    ]);
  };
  const clientData = (type: string, challenge: string, changes: AnswerChanges) =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: changes.challenge ?? challenge,
        origin: changes.origin ?? origin,
        crossOrigin: false,
      }),
    );
  const envelope = { id: credentialId, rawId: credentialId, type: 'public-key', clientExtensionResults: {} };

  const it: SoftwarePasskey = {
    credentialId,
    counter: 0,
    create: ({ challenge, rp, user }, changes = {}) => {
      owner = user.id;
      const idLength = Buffer.alloc(2);
      idLength.writeUInt16BE(id.length);
      const credential = Buffer.concat([Buffer.alloc(16), idLength, id, coseKeyOf(publicKey)]);
      const authData = authenticatorData(changes.rpId ?? rp.id ?? '', changes.isPersonVerified ?? true, credential);
      const attestation = new Map<string | number, CborValue>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(authData)],
      ]);
      return JSON.stringify({
        ...envelope,
        response: {
          clientDataJSON: clientData('webauthn.create', challenge, changes).toString('base64url'),
          attestationObject: encode(attestation).toString('base64url'),
          transports: ['internal'],
        },
      });
    },
    use: ({ challenge, rpId = '' }, changes = {}) => {
      if (counts) it.counter += 1;
      const authData = authenticatorData(changes.rpId ?? rpId, changes.isPersonVerified ?? true);
      const clientDataJson = clientData('webauthn.get', challenge, changes);
      const signed = Buffer.concat([authData, createHash('sha256').update(clientDataJson).digest()]);
      return JSON.stringify({
        ...envelope,
        response: {
          clientDataJSON: clientDataJson.toString('base64url'),
          authenticatorData: authData.toString('base64url'),
          signature: sign('sha256', signed, privateKey).toString('base64url'),
          userHandle: changes.userHandle ?? owner,
        },
      });
    },
  };
  return it;
}

/** RFC 9053 7.1: EC2, ES256, P-256, x, y. */
function coseKeyOf(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return encode(
    new Map<string | number, CborValue>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
      [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
    ]),
  );
}

function encode(value: CborValue): Buffer {
  return Buffer.from(isoCBOR.encode(value));
}
