import type { MikroORM } from '@mikro-orm/postgresql';
import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import type { Clock } from '../../clock.js';
import { enqueue, withdraw } from '../../jobs/queue.js';
import type { Logger } from '../../logger.js';

/** That a person has signed out, for one client (OpenID Connect Back-Channel Logout). */
export interface LogoutNotice {
  clientId: string;
  accountId: string;
  /** The client's name for the session that ended. */
  sid: string;
}

type Deliver = (this: Client, accountId: string, sid: string) => Promise<void>;

/** Tells clients of sign-outs: at once when they can be reached, and by a job until they have heard. */
export interface LogoutNotices {
  /** Has everything that a provider tells its clients go this way. */
  attachTo(provider: Provider): void;
  /** The body of the job; each try sends a fresh token. @throws when the client did not take it */
  deliver(notice: LogoutNotice): Promise<void>;
}

/** The job begins when the first try is over, also when this process ended in the middle of it. */
const firstRetryMs = 10_000;

export function createLogoutNotices({
  orm,
  clock,
  logger,
  currentProvider,
}: {
  orm: MikroORM;
  clock: Clock;
  logger: Logger;
  currentProvider: () => Provider;
}): LogoutNotices {
  const deliveries = new WeakMap<Provider, Deliver>();
  const keyOf = ({ clientId, sid }: LogoutNotice) => `logout:${clientId}:${sid}`;

  const tell = async (client: Client, deliver: Deliver, notice: LogoutNotice) => {
    const key = keyOf(notice);
    await enqueue(
      orm.em.fork(),
      'deliver-logout',
      { ...notice },
      { key, runAt: new Date(clock().getTime() + firstRetryMs) },
    );
    try {
      await deliver.call(client, notice.accountId, notice.sid);
      await withdraw(orm.em.fork(), key);
    } catch (error) {
      logger.warn({ err: error, clientId: notice.clientId }, 'a client was not told of a sign-out; a job tries again');
    }
  };

  return {
    attachTo(provider) {
      const { prototype } = provider.Client;
      const deliver = prototype.backchannelLogout;
      // Part of the provider's client that its types leave out.
      if (!isDeliver(deliver)) throw new Error('the provider cannot tell clients of sign-outs');
      deliveries.set(provider, deliver);
      prototype.backchannelLogout = function backchannelLogout(this: Client, accountId: string, sid: string) {
        return tell(this, deliver, { clientId: this.clientId, accountId, sid });
      };
    },
    async deliver({ clientId, accountId, sid }) {
      const provider = currentProvider();
      const client = await provider.Client.find(clientId);
      // Deleted meanwhile, or no longer to be told.
      if (!client?.backchannelLogoutUri) return;
      await deliveries.get(provider)?.call(client, accountId, sid);
    },
  };
}

function isDeliver(value: unknown): value is Deliver {
  return typeof value === 'function';
}
