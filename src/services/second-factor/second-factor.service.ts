import type { MikroORM } from '@mikro-orm/postgresql';
import type { Account } from '../../entities/account.entity.js';
import { ConflictError } from '../../errors.js';
import type { AuditService } from '../audit/audit.service.js';
import type { AuthenticatorApps, AuthenticatorSetUp } from './authenticator-apps.js';
import { type Proof, type SecondFactorChanges, wrongCode } from './changes.js';
import type { SecondFactorChecks } from './checks.js';
import { lockSecondFactors } from './lock.js';
import type { SecondFactorMails } from './mails.js';
import type { SecondFactorOverview } from './overview.js';
import type { RecoveryCodes } from './recovery-codes.js';
import type { RemoveAllSecondFactors } from './removal.js';
import type { SignInTickets } from './sign-in-ticket.js';

/** Second factors of accounts: what there is, whether somebody has it, and the app and recovery codes among them. */
export interface SecondFactorService
  extends Pick<SecondFactorChecks, 'isOn' | 'checkCode' | 'checkPasskey'>,
    Pick<SecondFactorChanges, 'prove'>,
    SecondFactorOverview {
  /**
   * Begins the set-up of an app; what was begun before is void.
   *
   * @throws InvalidInputError `WRONG_PASSWORD`, `CODE_WRONG`; {@link ConflictError} when there is an app already
   */
  begin(accountId: string, proof: Proof): Promise<void>;
  /** The set-up that waits for its first code, for a quarter of an hour, in the browser with this secret alone. */
  pending(account: Account, browser: string): Promise<AuthenticatorSetUp | undefined>;
  /**
   * From now on sign-in asks for a second factor.
   *
   * @returns recovery codes, which are shown this once, with the first second factor of an account
   * @throws InvalidInputError `CODE_WRONG`; {@link ConflictError} when nothing waits
   */
  confirm(account: Account, code: string, from: { address: string; browser: string }): Promise<string[] | undefined>;
  /** @throws InvalidInputError `WRONG_PASSWORD`, `CODE_WRONG`; {@link ConflictError} when there is no second factor */
  renewRecoveryCodes(account: Account, proof: Proof): Promise<string[]>;
  /** Removes the app. @throws InvalidInputError `WRONG_PASSWORD`, `CODE_WRONG` */
  removeApp(account: Account, proof: Proof): Promise<void>;
  removeAll: RemoveAllSecondFactors;
  tickets: SignInTickets;
}

const theApp = { kind: 'AUTHENTICATOR_APP', name: 'Authenticator app' } as const;

export function createSecondFactorService({
  orm,
  apps,
  checks,
  changes,
  overview,
  recoveryCodes,
  removeAll,
  tickets,
  audit,
  mails,
}: {
  orm: MikroORM;
  apps: AuthenticatorApps;
  checks: SecondFactorChecks;
  changes: SecondFactorChanges;
  overview: SecondFactorOverview;
  recoveryCodes: RecoveryCodes;
  removeAll: RemoveAllSecondFactors;
  tickets: SignInTickets;
  audit: Pick<AuditService, 'record'>;
  mails: Pick<SecondFactorMails, 'codesRenewed'>;
}): SecondFactorService {
  return {
    isOn: (accountId) => checks.isOn(accountId),
    checkCode: checks.checkCode,
    checkPasskey: checks.checkPasskey,
    prove: changes.prove,
    ...overview,
    begin: async (accountId, proof) => {
      await changes.prove(accountId, proof);
      await apps.begin(accountId, proof.browser);
    },
    pending: async ({ id, username }, browser) => {
      const app = await apps.findPending(id, browser);
      return app && apps.describe(app, username);
    },
    confirm: async (account, code, { address, browser }) => {
      const { id: accountId } = account;
      const app = await apps.findPending(accountId, browser);
      if (!app) throw new ConflictError('Begin again: there is nothing to confirm.');
      const startOver = await checks.countCode(accountId, address);
      if (!(await apps.useCode(app, code))) throw wrongCode();
      await startOver();
      return changes.add(account, theApp, { accountId, address }, (tx) => apps.confirm(tx, app));
    },
    renewRecoveryCodes: async (account, proof) => {
      const { id: accountId } = account;
      await changes.prove(accountId, proof);
      return orm.em.fork().transactional(async (tx) => {
        await lockSecondFactors(tx, accountId);
        if (!(await checks.isOn(accountId, tx))) throw new ConflictError('Two-step sign-in is off.');
        const actor = { accountId, address: proof.address };
        await audit.record({ action: 'second-factor.codes-renewed', outcome: 'success', actor }, tx);
        await mails.codesRenewed(tx, account);
        return recoveryCodes.renew(tx, accountId);
      });
    },
    removeApp: async (account, proof) => {
      const { id: accountId } = account;
      await changes.prove(accountId, proof);
      const actor = { accountId, address: proof.address };
      await changes.remove(account, theApp, actor, (tx) => apps.remove(tx, accountId));
    },
    removeAll,
    tickets,
  };
}
