import type Provider from 'oidc-provider';
import { type AccessToken, type ClientCredentials, errors } from 'oidc-provider';
import { type AccountSource, findActiveAccount } from '../account-source.js';
import type { ClientRegistry } from '../client/registry.js';
import { type FindJwtToken, isJwt } from '../jwt/tokens.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { isGranted } from '../token/grant.js';

/** A token of ours that a client shows in an exchange, whoever it was issued to. */
export interface PresentedToken<Token extends AccessToken | ClientCredentials = AccessToken | ClientCredentials> {
  stored: Token;
  storedId: string;
}

export interface PresentedTokens {
  /** @throws `InvalidRequest` naming the parameter, unless it is a token that opens something here now, with its key shown */
  require(value: string, name: string, shownKey: string | undefined): Promise<PresentedToken>;
}

export function createPresentedTokens({
  provider,
  accounts,
  clients,
  artifacts,
  findJwtToken,
}: {
  provider: Provider;
  accounts: AccountSource;
  clients: ClientRegistry;
  artifacts: ArtifactStore;
  findJwtToken: FindJwtToken;
}): PresentedTokens {
  const find = async (value: string): Promise<PresentedToken | undefined> => {
    if (isJwt(value)) {
      const found = await findJwtToken(value);
      return found?.claims.jti && !found.isRestricted
        ? { stored: found.stored, storedId: found.claims.jti }
        : undefined;
    }
    const stored = (await provider.AccessToken.find(value)) ?? (await provider.ClientCredentials.find(value));
    if (!stored?.isValid || (stored.kind === 'AccessToken' && !(await isGranted(provider, stored)))) return undefined;
    return { stored, storedId: artifacts.storedIdOf(value) };
  };

  /** What a restricted client holds is for nobody else; what is for another audience is not for whoever received it here. */
  const isUsable = async ({ stored }: PresentedToken): Promise<boolean> => {
    const issuedTo = await clients.find(stored.clientId ?? '');
    if (!issuedTo || issuedTo.restriction || stored.aud !== undefined) return false;
    const accountId = stored.kind === 'AccessToken' ? stored.accountId : issuedTo.ownerId;
    return !accountId || (await findActiveAccount(accounts, accountId)) !== undefined;
  };

  return {
    async require(value, name, shownKey) {
      const token = await find(value);
      if (!token || !(await isUsable(token))) throw new errors.InvalidRequest(`${name} is not a valid access token`);
      // A token that is bound to a key is worth something to whoever has the key only (RFC 9449 1), here as well.
      if (token.stored.isSenderConstrained() && token.stored.jkt !== shownKey)
        throw new errors.InvalidRequest(`${name} is bound to a key, which the DPoP proof must show`);
      return token;
    },
  };
}
