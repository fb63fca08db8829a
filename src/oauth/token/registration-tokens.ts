import type Provider from 'oidc-provider';
import { NotFoundError } from '../../errors.js';
import type { RegistrationTokens } from '../../services/ports.js';
import type { ClientRegistry } from '../client/registry.js';
import type { ArtifactStore } from '../storage/artifact-store.js';

/** What the LMS reads when it calls back during a registration. */
const scope = 'user:read';
/** How such a token is told from those that the client asked for itself. */
export const registrationGrant = 'registration';

/** Mints the tokens that go with a registration call to the LMS, in the name of the LMS's own client. */
export function createRegistrationTokens({
  currentProvider,
  clients,
  artifacts,
  clientName,
  lifetimeSeconds,
}: {
  currentProvider: () => Provider;
  clients: ClientRegistry;
  artifacts: ArtifactStore;
  /** Name of the LMS's client. */
  clientName: string;
  lifetimeSeconds: number;
}): RegistrationTokens {
  return {
    async mint(accountId) {
      const provider = currentProvider();
      const row = await clients.findByName(clientName);
      const client = row && (await provider.Client.find(row.clientId));
      if (!client)
        throw new NotFoundError(`The LMS has no OAuth client here: there is none with the name ${clientName}.`);
      const grant = new provider.Grant({ accountId, clientId: client.clientId });
      grant.addOIDCScope(scope);
      const grantId = await grant.save();
      const accessToken = new provider.AccessToken({
        accountId,
        client,
        grantId,
        gty: registrationGrant,
        scope,
        expiresIn: lifetimeSeconds,
      });
      const token = await accessToken.save();
      return { token, revoke: () => artifacts.revokeGrants([grantId]) };
    },
  };
}
