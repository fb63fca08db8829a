import type { Clock } from '../../clock.js';
import type { Sealer } from '../../crypto/sealer.js';
import type { Account } from '../../entities/account.entity.js';

/** Holds for a browser that the password was right, until the second factor is shown. */
export interface SignInTickets {
  issue(account: Account): Promise<string>;
  /** @returns id of the account; undefined for a ticket that is forged, too old, or from before a change of the password */
  open(ticket: string): Promise<string | undefined>;
}

const lifeMs = 10 * 60_000;

export function createSignInTickets({
  sealer,
  clock,
  findAccount,
}: {
  sealer: Sealer;
  clock: Clock;
  findAccount: (id: string) => Promise<Account | null>;
}): SignInTickets {
  const stampOf = ({ passwordChangedAt }: Account) => passwordChangedAt?.getTime() ?? 0;
  return {
    issue: (account) => sealer.seal([account.id, stampOf(account), clock().getTime() + lifeMs].map(String).join(' ')),
    open: async (ticket) => {
      const plain = await sealer.open(ticket).catch(() => '');
      const [id = '', stamp, until] = plain.split(' ');
      if (!(Number(until) > clock().getTime())) return undefined;
      const account = await findAccount(id);
      return account?.status === 'ACTIVE' && String(stampOf(account)) === stamp ? account.id : undefined;
    },
  };
}
