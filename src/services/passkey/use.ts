import type { MikroORM } from '@mikro-orm/postgresql';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server';
import type { AuthenticationMethod } from '../../access/sign-in.js';
import type { Clock } from '../../clock.js';
import { type Passkey, PasskeyEntity } from '../../entities/passkey.entity.js';
import { parseAuthentication } from './answer.js';
import type { ChallengeUse, PasskeyChallenges, TakenChallenge } from './challenges.js';
import { accountIdOf, type RelyingParty } from './relying-party.js';
import type { SuspendPasskey } from './suspension.js';

/** What became of an answer. `copied`: the passkey's counter went backwards, and the passkey is suspended from now on. */
export type PasskeyOutcome =
  | { outcome: 'used'; passkey: Passkey; methods: AuthenticationMethod[] }
  | { outcome: 'refused'; why: 'expired' | 'unknown' | 'wrong' }
  | { outcome: 'refused'; why: 'copied' | 'suspended'; passkey: Passkey };

/** Asks for passkeys, and checks what comes back (WebAuthn Level 3, 7.2). */
export interface PasskeyUse {
  /** For the browser's `navigator.credentials.get`, as JSON. */
  ask(use: ChallengeUse): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /**
   * Checks an answer, and uses its challenge up; that of an account also when the answer is wrong.
   *
   * @param answer - JSON of the browser; anything at all
   * @param address - network address of the caller
   */
  check(answer: string, use: ChallengeUse, address: string): Promise<PasskeyOutcome>;
}

export function createPasskeyUse({
  orm,
  clock,
  challenges,
  relyingParty,
  suspend,
}: {
  orm: MikroORM;
  clock: Clock;
  challenges: PasskeyChallenges;
  relyingParty: RelyingParty;
  suspend: SuspendPasskey;
}): PasskeyUse {
  const verify = async (
    passkey: Passkey,
    response: AuthenticationResponseJSON,
    challenge: string,
    use: ChallengeUse,
  ) => {
    const { userHandle } = response.response;
    // A passkey that is to tell who comes has to do so itself; others may leave it out.
    if (userHandle ? accountIdOf(userHandle) !== passkey.accountId : use.accountId === null) return undefined;
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: relyingParty.origin,
        expectedRPID: relyingParty.id,
        requireUserVerification: mustVerifyPerson(use),
        // The counter is compared where it is stored, in one step with the others who may come with this passkey.
        credential: { id: passkey.credentialId, publicKey: Buffer.from(passkey.publicKey, 'base64url'), counter: 0 },
      });
      return verified ? authenticationInfo.newCounter : undefined;
    } catch {
      // The library throws for whatever does not fit, each time with another text.
      return undefined;
    }
  };

  /** @returns whether the counter went on; devices that do not count stay at 0 */
  const countOn = async ({ id }: Passkey, counter: number): Promise<boolean> => {
    const goesOn = { $or: [{ counter: { $lt: counter } }, ...(counter === 0 ? [{ counter: 0 }] : [])] };
    const values = { counter, lastUsedAt: clock() };
    return (await orm.em.fork().nativeUpdate(PasskeyEntity, { id, suspendedAt: null, ...goesOn }, values)) === 1;
  };

  /**
   * Whether the passkey was used after it had been asked for: then a lower counter tells of two answers that came the other way
   * round, and nothing of a copy.
   */
  const wasOvertaken = async ({ id }: Passkey, { issuedAt }: TakenChallenge): Promise<boolean> =>
    (await orm.em.fork().count(PasskeyEntity, { id, suspendedAt: null, lastUsedAt: { $gt: issuedAt } })) === 1;

  return {
    ask: async (use) => {
      const passkeys =
        use.accountId === null
          ? []
          : await orm.em.fork().find(PasskeyEntity, { accountId: use.accountId, suspendedAt: null });
      return generateAuthenticationOptions({
        rpID: relyingParty.id,
        // As it is: the library takes a text for something still to be encoded.
        challenge: Buffer.from(await challenges.issue(use), 'base64url'),
        userVerification: mustVerifyPerson(use) ? 'required' : 'discouraged',
        allowCredentials: passkeys.map(({ credentialId: id, transports }) => ({ id, transports })),
        timeout: 5 * 60_000,
      });
    },
    check: async (json, use, address) => {
      const answer = parseAuthentication(json);
      if (!answer) return { outcome: 'refused', why: 'wrong' };
      const challenge = await challenges.take(answer.challenge, use);
      if (!challenge) return { outcome: 'refused', why: 'expired' };
      const passkey = await orm.em.fork().findOne(PasskeyEntity, {
        credentialId: answer.response.id,
        ...(use.accountId !== null && { accountId: use.accountId }),
      });
      if (!passkey) return { outcome: 'refused', why: 'unknown' };
      const counter = await verify(passkey, answer.response, answer.challenge, use);
      if (counter === undefined) return { outcome: 'refused', why: 'wrong' };
      if (!(await challenge.spend())) return { outcome: 'refused', why: 'expired' };
      if (passkey.suspendedAt) return { outcome: 'refused', why: 'suspended', passkey };
      if (await countOn(passkey, counter)) return { outcome: 'used', passkey, methods: methodsOf(passkey) };
      if (await wasOvertaken(passkey, challenge)) return { outcome: 'refused', why: 'expired' };
      await suspend(passkey, address);
      return { outcome: 'refused', why: 'copied', passkey };
    },
  };
}

/** Instead of a password, the device has to check the person too; after a password, that it is there is enough. */
function mustVerifyPerson({ purpose }: ChallengeUse): boolean {
  return purpose === 'sign-in';
}

/** In the words of RFC 8176: a key that stays in its device or one that can be copied, and a person who was there. */
function methodsOf({ isSyncable }: Passkey): AuthenticationMethod[] {
  return [isSyncable ? 'swk' : 'hwk', 'user'];
}
