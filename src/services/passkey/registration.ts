import { type EntityManager, type MikroORM, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type VerifiedRegistrationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { COSEALG } from '@simplewebauthn/server/helpers';
import type { Clock } from '../../clock.js';
import type { Account } from '../../entities/account.entity.js';
import { PasskeyEntity } from '../../entities/passkey.entity.js';
import { ConflictError, InvalidInputError } from '../../errors.js';
import type { Proof, SecondFactorChanges } from '../second-factor/changes.js';
import { parseRegistration } from './answer.js';
import type { PasskeyChallenges } from './challenges.js';
import { parsePasskeyName } from './name.js';
import { type RelyingParty, userHandleOf } from './relying-party.js';

/** From the wish for a passkey to the passkey. The browser that began is the one that ends. */
export interface PasskeyRegistration {
  /**
   * Begins, once the person has shown who they are.
   *
   * @param browser - a secret that only this browser has
   * @throws {@link InvalidInputError} `WRONG_PASSWORD`, `CODE_WRONG`; {@link ConflictError} when there are very many already
   */
  begin(account: Account, proof: Proof, browser: string): Promise<void>;
  /** For the browser's `navigator.credentials.create`, as JSON; nothing when nothing was begun, or too long ago. */
  pending(account: Account, browser: string): Promise<PublicKeyCredentialCreationOptionsJSON | undefined>;
  /**
   * Keeps the new passkey.
   *
   * @param made - JSON of the browser
   * @returns recovery codes, which are shown this once, with the first second factor of an account
   * @throws {@link InvalidInputError} `PASSKEY_EXPIRED`, `PASSKEY_WRONG`, `NAME_INVALID`; {@link ConflictError} when it is
   * known already
   */
  finish(
    account: Account,
    made: { answer: string; name: string; browser: string },
    address: string,
  ): Promise<string[] | undefined>;
}

/** What every device has one of, and every runtime can check without experiments. */
const supportedAlgorithmIDs = [COSEALG.EdDSA, COSEALG.ES256, COSEALG.RS256];

/** Nobody has that many; whoever adds more is filling the database. */
const mostPasskeys = 20;

export function createPasskeyRegistration({
  orm,
  clock,
  challenges,
  relyingParty,
  changes,
}: {
  orm: MikroORM;
  clock: Clock;
  challenges: PasskeyChallenges;
  relyingParty: RelyingParty;
  changes: Pick<SecondFactorChanges, 'prove' | 'add'>;
}): PasskeyRegistration {
  const useOf = (accountId: string, browser: string) => ({ purpose: 'register', accountId, browser }) as const;
  const requireRoom = async (em: EntityManager, accountId: string) => {
    if ((await em.count(PasskeyEntity, { accountId })) >= mostPasskeys)
      throw new ConflictError('You have very many passkeys already. Remove one that you no longer use.');
  };

  const verify = async (account: Account, answer: string, browser: string) => {
    const parsed = parseRegistration(answer);
    if (!parsed) throw refusal('PASSKEY_WRONG');
    if (!(await challenges.take(parsed.challenge, useOf(account.id, browser)))) throw refusal('PASSKEY_EXPIRED');
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: parsed.response,
      expectedChallenge: parsed.challenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      // A key that cannot check persons still does as second factor; where it must, that is asked for at its use.
      requireUserVerification: false,
      supportedAlgorithmIDs,
    }).catch((): VerifiedRegistrationResponse => ({ verified: false }));
    if (!verified) throw refusal('PASSKEY_WRONG');
    return { ...registrationInfo, transports: parsed.response.response.transports ?? [] };
  };

  return {
    begin: async (account, proof, browser) => {
      await changes.prove(account.id, proof);
      await requireRoom(orm.em.fork(), account.id);
      await challenges.issue(useOf(account.id, browser));
    },
    pending: async (account, browser) => {
      const challenge = await challenges.find(useOf(account.id, browser));
      if (challenge === undefined) return undefined;
      const known = await orm.em.fork().find(PasskeyEntity, { accountId: account.id });
      return generateRegistrationOptions({
        rpID: relyingParty.id,
        rpName: relyingParty.name,
        userID: userHandleOf(account.id),
        userName: account.username,
        userDisplayName: account.name,
        // As it is: the library takes a text for something still to be encoded.
        challenge: Buffer.from(challenge, 'base64url'),
        excludeCredentials: known.map(({ credentialId: id, transports }) => ({ id, transports })),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
        supportedAlgorithmIDs,
        timeout: 5 * 60_000,
      });
    },
    finish: async (account, { answer, name: typed, browser }, address) => {
      const name = parsePasskeyName(typed);
      const { credential, credentialDeviceType, transports } = await verify(account, answer, browser);
      const { id: accountId } = account;
      const insert = async (tx: EntityManager) => {
        await requireRoom(tx, accountId);
        tx.create(PasskeyEntity, {
          accountId,
          name,
          credentialId: credential.id,
          publicKey: Buffer.from(credential.publicKey).toString('base64url'),
          counter: credential.counter,
          transports,
          isSyncable: credentialDeviceType === 'multiDevice',
          createdAt: clock(),
        });
        await tx.flush();
      };
      try {
        return await changes.add(account, { kind: 'PASSKEY', name }, { accountId, address }, insert);
      } catch (error) {
        if (!(error instanceof UniqueConstraintViolationException)) throw error;
        throw new ConflictError('This passkey is registered already.', { cause: error });
      }
    },
  };
}

function refusal(reason: 'PASSKEY_WRONG' | 'PASSKEY_EXPIRED'): InvalidInputError {
  const message = {
    PASSKEY_WRONG: 'The passkey could not be added. Try again, or use another device.',
    PASSKEY_EXPIRED: 'That took too long, or was sent twice. Begin again.',
  }[reason];
  return new InvalidInputError(message, { reason });
}
