import type Provider from 'oidc-provider';
import type { Logger } from '../../logger.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import type { SessionRow, SessionStore } from '../storage/session-store.js';

/** Ends sessions with all that hangs on them: the grants of their clients, and the clients' own sessions. */
export interface SessionEnding {
  endByUid(uid: string): Promise<SessionRow[]>;
  endOfAccount(accountId: string, exceptUid: string | undefined): Promise<SessionRow[]>;
  /** Ends what the provider's own sign-out leaves standing. */
  endGrants(row: Pick<SessionRow, 'payload'>): Promise<void>;
}

export function createSessionEnding({
  currentProvider,
  artifacts,
  sessions,
  logger,
}: {
  currentProvider: () => Provider;
  artifacts: ArtifactStore;
  sessions: SessionStore;
  logger: Logger;
}): SessionEnding {
  /** Grants given while away (`offline_access`) outlive a sign-out; everything else that a session gave ends with it. */
  const endGrants = async ({ payload }: Pick<SessionRow, 'payload'>) => {
    const ids = Object.values(payload.authorizations ?? {}).flatMap(({ grantId }) => (grantId ? [grantId] : []));
    const scopes = await artifacts.grantScopes(ids);
    await artifacts.revokeGrants(ids.filter((id) => !scopes.get(id)?.has('offline_access')));
  };

  const tellClients = async ({ payload }: SessionRow) => {
    const { accountId, authorizations = {} } = payload;
    if (!accountId) return;
    await Promise.all(
      Object.entries(authorizations).map(async ([clientId, { sid }]) => {
        try {
          const client = await currentProvider().Client.find(clientId);
          // Part of the provider's client that its types leave out.
          if (client?.backchannelLogoutUri && typeof client.backchannelLogout === 'function')
            await client.backchannelLogout(accountId, sid);
        } catch (error) {
          logger.warn({ err: error, clientId }, 'a client was not told of a sign-out');
        }
      }),
    );
  };

  const end = async (rows: SessionRow[]) => {
    await Promise.all(rows.map((row) => endGrants(row)));
    await Promise.all(rows.map((row) => tellClients(row)));
    return rows;
  };

  return {
    endGrants,
    endByUid: async (uid) => end(await sessions.takeByUid(uid)),
    endOfAccount: async (accountId, exceptUid) => end(await sessions.takeOfAccount(accountId, exceptUid)),
  };
}
