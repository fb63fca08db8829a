import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Account } from '../../entities/account.entity.js';
import { InvalidInputError } from '../../errors.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import type { Reauthenticate } from '../password/reauthenticate.js';
import type { SecondFactorChecks } from './checks.js';
import { lockSecondFactors } from './lock.js';
import type { NamedFactor, SecondFactorMails } from './mails.js';
import type { RecoveryCodes } from './recovery-codes.js';

/** What a person has to show once more before they change how they sign in. */
export interface Proof {
  password: string;
  /** Of the app, or a recovery code; asked for when sign-in asks for a second factor, unless there is a passkey. */
  code: string;
  /** Instead of a code; JSON of the browser, empty without. */
  passkey: string;
  /** The secret of the browser. */
  browser: string;
  address: string;
}

/** What all changes of second factors have in common, whatever kind they are of. */
export interface SecondFactorChanges {
  /** @throws {@link InvalidInputError} `WRONG_PASSWORD`, `CODE_WRONG`, `PASSKEY_WRONG`; RateLimitedError */
  prove(accountId: string, proof: Proof): Promise<void>;
  /**
   * Adds a factor, in one transaction with its record and the mail to its owner.
   *
   * @returns recovery codes with the first factor of an account; they are shown this once
   */
  add(
    account: Account,
    factor: NamedFactor,
    actor: Actor,
    insert: (tx: EntityManager) => Promise<void>,
  ): Promise<string[] | undefined>;
  /**
   * Removes a factor in the same manner. With the last one the recovery codes go too.
   *
   * @param erase - @returns whether there was something
   */
  remove(
    account: Account,
    factor: NamedFactor,
    actor: Actor,
    erase: (tx: EntityManager) => Promise<boolean>,
  ): Promise<void>;
}

export function createSecondFactorChanges({
  orm,
  checks,
  recoveryCodes,
  reauthenticate,
  audit,
  mails,
}: {
  orm: MikroORM;
  checks: SecondFactorChecks;
  recoveryCodes: RecoveryCodes;
  reauthenticate: Reauthenticate;
  audit: Pick<AuditService, 'record'>;
  mails: SecondFactorMails;
}): SecondFactorChanges {
  const inTurn = <Result>(accountId: string, change: (tx: EntityManager) => Promise<Result>) =>
    orm.em.fork().transactional(async (tx) => {
      await lockSecondFactors(tx, accountId);
      return change(tx);
    });

  return {
    prove: async (accountId, { password, code, passkey, browser, address }) => {
      await reauthenticate(accountId, password, address);
      if (!(await checks.isOn(accountId))) return;
      if (passkey) {
        const offered = { purpose: 'proof', answer: passkey, browser } as const;
        if (await checks.checkPasskey(accountId, offered, address)) return;
        throw new InvalidInputError('The passkey was not accepted. Try again, or enter a code.', {
          field: ['code'],
          reason: 'PASSKEY_WRONG',
        });
      }
      if (!(await checks.checkCode(accountId, code, address))) throw wrongCode();
    },
    add: (account, factor, actor, insert) =>
      inTurn(account.id, async (tx) => {
        const isFirst = !(await checks.isOn(account.id, tx));
        await insert(tx);
        const detail = { kind: factor.kind };
        await audit.record({ action: 'second-factor.added', outcome: 'success', actor, detail }, tx);
        await mails.added(tx, account, factor);
        return isFirst ? recoveryCodes.renew(tx, account.id) : undefined;
      }),
    remove: (account, factor, actor, erase) =>
      inTurn(account.id, async (tx) => {
        if (!(await erase(tx))) return;
        if (!(await checks.isOn(account.id, tx))) await recoveryCodes.removeAll(tx, account.id);
        const detail = { kind: factor.kind };
        await audit.record({ action: 'second-factor.removed', outcome: 'success', actor, detail }, tx);
        await mails.removed(tx, account, factor);
      }),
  };
}

/** Says of a code that it does not do. */
export function wrongCode(): InvalidInputError {
  return new InvalidInputError('This code is not right, or was used already. Try the next one.', {
    field: ['code'],
    reason: 'CODE_WRONG',
  });
}
