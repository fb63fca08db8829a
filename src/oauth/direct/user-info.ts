import type { IncomingMessage } from 'node:http';
import type Provider from 'oidc-provider';
import type { Fact, Fresh, FreshCache } from '../../changes/fresh-cache.js';
import { toProviderAccount } from '../claims.js';
import type { ClientRegistry } from '../client/registry.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import type { AnswerGetDirectly } from './direct-answers.js';
import { grantedBy } from './granted.js';
import { isUnusual } from './known-client.js';
import { takesPlainTokens } from './plain-token.js';

/** What was told of people by tokens that are good now, as JSON. */
export type KnownUserInfo = FreshCache<string>;

/**
 * Tells of the person of an opaque token (OpenID Connect Core 5.3); all is read by one statement, and known for a moment, by all that
 * it is true by.
 */
export function answerUserInfo({
  currentProvider,
  clients,
  artifacts,
  knownUserInfo,
}: {
  currentProvider: () => Provider;
  clients: Pick<ClientRegistry, 'find'>;
  artifacts: Pick<ArtifactStore, 'findWhole' | 'storedIdOf'>;
  knownUserInfo: KnownUserInfo;
}): AnswerGetDirectly {
  const read = async (req: IncomingMessage, value: string, storedId: string): Promise<Fresh<string> | undefined> => {
    const found = await artifacts.findWhole('AccessToken', value);
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
    const { exp = 0, sessionUid } = granted.payload;
    const facts: Fact[] = [`token:${storedId}`, `client:${client.clientId}`, `account:${accountId}`];
    facts.push(`grant:${granted.grantId}`);
    if (sessionUid) facts.push(`session:${sessionUid}`);
    return {
      value: JSON.stringify(await told.scope(granted.scopes.join(' ')).result()),
      facts,
      endsAt: new Date(Math.min(exp, found.grant?.payload.exp ?? exp) * 1000),
    };
  };

  return async (req) => {
    const [, value] = /^bearer ([\w-]{43})$/i.exec(req.headers.authorization ?? '') ?? [];
    if (!value || isUnusual(req) || req.headers['x-token-type'] !== undefined) return undefined;
    // By its hash, so that no token stays in memory.
    const storedId = artifacts.storedIdOf(value);
    return knownUserInfo.get(storedId, () => read(req, value, storedId));
  };
}
