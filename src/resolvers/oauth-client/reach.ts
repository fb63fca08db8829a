import { defaultScope, scopeDescriptions } from '../../access/scopes.js';
import type { Viewer } from '../../access/viewer.js';
import type { GrantType } from '../../entities/oauth-client.entity.js';
import { ForbiddenError } from '../../errors.js';

/** What decides how far a client reaches without anybody being asked. */
export interface ClientReach {
  readonly scopes?: readonly string[] | undefined;
  readonly ownerId?: string | null | undefined;
  readonly skipConsent?: boolean | undefined;
  readonly grantTypes?: readonly GrantType[] | undefined;
}

/**
 * Keeps the holder of an access token from reaching further than the token by a client of their own making, or by the secret
 * of one that is there: clients that act as their owner, that people are not asked about, or that exchange the tokens of others,
 * have no scope that the token lacks.
 *
 * @throws {@link ForbiddenError} naming the scopes
 */
export function requireReach({ scopes }: Viewer, client: ClientReach): void {
  const asksPeople = !client.ownerId && !client.skipConsent && !client.grantTypes?.includes('TOKEN_EXCHANGE');
  if (!scopes || asksPeople) return;
  // A client that is registered for none has the default.
  const all = client.scopes?.length ? client.scopes : [defaultScope];
  // What is no scope at all is refused in its own words.
  const known = all.filter((scope) => Object.hasOwn(scopeDescriptions, scope));
  const beyond = known.filter((scope) => !scopes.has(scope));
  if (beyond.length > 0)
    throw new ForbiddenError(`The client has scopes that the access token lacks: ${beyond.join(', ')}.`);
}
