import type { AppContext } from '../../app/context.js';
import { type OAuthClient, OAuthClientEntity } from '../../entities/oauth-client.entity.js';
import { InvalidInputError } from '../../errors.js';
import { systemActor } from '../../services/actor.js';
import type { ClientSpec, EnsuredClient } from '../../services/oauth-client/oauth-client.service.js';
import { generateClientSecret } from '../../services/oauth-client/secret.js';

export interface LmsClientWish {
  redirectUris: readonly string[];
  /** Found by the application's name when left out. */
  clientId?: string | undefined;
  /** One that somebody has already. */
  secret?: string | undefined;
  /** Adds a secret; those before stay valid. */
  wantsNewSecret?: boolean | undefined;
  isDryRun?: boolean | undefined;
}

export interface ConfiguredClient extends EnsuredClient {
  clientId: string;
  redirectUris: string[];
  /** The secret that is new, in clear: it can be shown this once. */
  newSecret: string | undefined;
}

/**
 * Makes the client that the LMS is at Portico, or completes it: redirect URIs and secrets are added and none is taken away, and
 * what an operator set beside them stays.
 *
 * @throws {@link InvalidInputError} when several clients have the application's name, or a value cannot be
 */
export async function configureLmsClient(
  { orm, config, services: { oauthClients } }: Pick<AppContext, 'orm' | 'config' | 'services'>,
  wish: LmsClientWish,
): Promise<ConfiguredClient> {
  const name = config.lms.clientName;
  const existing = await findLmsClient(orm, name, wish.clientId);
  const clientId = existing?.clientId ?? wish.clientId ?? name;
  const isNew = !existing && wish.secret === undefined;
  const newSecret = isNew || wish.wantsNewSecret ? generateClientSecret() : undefined;
  const secret = newSecret ?? wish.secret;
  const spec: ClientSpec = {
    ...(existing && keptOf(existing)),
    clientId,
    ...(secret !== undefined && { secret }),
    name: existing?.name ?? name,
    type: 'CONFIDENTIAL',
    grantTypes: [...(existing?.grantTypes ?? []), 'AUTHORIZATION_CODE'],
    redirectUris: wish.redirectUris,
    scopes: [...(existing?.scopes ?? []), 'user:read'],
    skipConsent: true,
    requirePkce: false,
    allowRedirectState: true,
  };
  const options = { keepsRedirectUris: true, isDryRun: wish.isDryRun ?? false };
  const ensured = await oauthClients.ensure(spec, systemActor, options);
  const redirectUris = [...new Set([...(existing?.redirectUris ?? []), ...wish.redirectUris])];
  return { ...ensured, clientId, redirectUris, newSecret: wish.isDryRun ? undefined : newSecret };
}

async function findLmsClient(
  orm: AppContext['orm'],
  name: string,
  clientId: string | undefined,
): Promise<OAuthClient | undefined> {
  const em = orm.em.fork();
  const found = await em.find(OAuthClientEntity, clientId === undefined ? { name } : { clientId });
  if (found.length > 1)
    throw new InvalidInputError(
      `Several clients are called ${name}: ${found.map((client) => client.clientId).join(', ')}. Say which is the LMS's with --edx-oauth-client.`,
    );
  return found[0];
}

function keptOf(client: OAuthClient): Partial<ClientSpec> {
  const { postLogoutRedirectUris, backchannelLogoutUri, ownerId, tokenFormat, securityProfile, metadata } = client;
  return {
    postLogoutRedirectUris,
    ...(backchannelLogoutUri != null && { backchannelLogoutUri }),
    ...(ownerId != null && { ownerId }),
    tokenFormat,
    securityProfile,
    metadata,
  };
}
