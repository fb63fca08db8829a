import type Provider from 'oidc-provider';
import { toProviderAccount } from '../claims.js';
import type { ClientRegistry } from '../client/registry.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import type { AnswerGetDirectly } from './direct-answers.js';
import { grantedBy } from './granted.js';
import { isUnusual } from './known-client.js';
import { takesPlainTokens } from './plain-token.js';

/** Tells of the person of an opaque token (OpenID Connect Core 5.3); all is read by one statement. */
export function answerUserInfo({
  currentProvider,
  clients,
  artifacts,
}: {
  currentProvider: () => Provider;
  clients: Pick<ClientRegistry, 'find'>;
  artifacts: Pick<ArtifactStore, 'findWhole'>;
}): AnswerGetDirectly {
  return async (req) => {
    const [, value] = /^bearer ([\w-]{43})$/i.exec(req.headers.authorization ?? '') ?? [];
    const found = value && !isUnusual(req) ? await artifacts.findWhole('AccessToken', value) : undefined;
    if (!found?.payload.clientId) return undefined;
    const provider = currentProvider();
    const client = await provider.Client.find(found.payload.clientId);
    if (!client || client.userinfoSignedResponseAlg || client.userinfoEncryptedResponseAlg) return undefined;
    const granted = grantedBy(found, client);
    // Of a client that lost the scope, the provider has it refused.
    if (!granted?.scopes.includes('openid') || !client.scope?.split(' ').includes('openid')) return undefined;
    if (!(await takesPlainTokens(req, client, clients))) return undefined;
    const { accountId, claims } = toProviderAccount(granted.account, client);
    const known = await claims('userinfo', granted.payload.scope ?? '', {}, []);
    const told = new provider.Claims({ ...known, sub: accountId }, { client });
    return JSON.stringify(await told.scope(granted.scopes.join(' ')).result());
  };
}
