import { isDeepStrictEqual } from 'node:util';
import { NotFoundError } from '../../errors.js';
import { systemActor } from '../actor.js';
import { readClientKeys } from '../oauth-client/client-keys.js';
import type { ClientSpec } from '../oauth-client/oauth-client.service.js';
import { requireProviderIds } from '../oauth-client/provider-grants.js';
import type { ClientRow } from './document.js';
import type { AppliedRow, ApplyMode, InstallationDeps } from './row.js';

type Deps = Pick<InstallationDeps, 'accounts' | 'oauthClients' | 'providerGrants'>;

/**
 * Makes a client with its given id and secret, or brings the one there is in line, its restriction included. Secrets that it
 * has beside the given one stay valid.
 *
 * @throws InvalidInputError naming the field
 * @throws {@link NotFoundError} when there is no such owner
 */
export async function applyClient(deps: Deps, row: ClientRow, mode: ApplyMode): Promise<AppliedRow> {
  const { owner, restriction, jwks, jwksUri, providers, ...fields } = row;
  const ownerId = owner === undefined ? undefined : await findOwner(deps, owner, mode);
  const metadata = readClientKeys({ jwks, jwksUri }, row.metadata);
  const spec: ClientSpec = {
    ...fields,
    type: row.type ?? 'CONFIDENTIAL',
    grantTypes: row.grantTypes ?? ['AUTHORIZATION_CODE'],
    ...(ownerId !== undefined && { ownerId }),
    ...(metadata && { metadata }),
    restriction: restriction ? { organizations: [], providers: [], scopes: [], ...restriction } : null,
  };
  const { outcome, changed } = await deps.oauthClients.ensure(spec, systemActor, { isDryRun: mode.isDryRun });
  const applied = { kind: 'client' as const, name: row.clientId };
  if (!(await applyProviders(deps, row, mode))) return { ...applied, outcome, changed };
  if (outcome === 'created') return { ...applied, outcome, changed };
  return { ...applied, outcome: 'updated', changed: [...changed, 'providers'] };
}

/** @returns whether the client has others than it had */
async function applyProviders(
  { providerGrants }: Deps,
  { clientId, providers }: ClientRow,
  { isDryRun }: ApplyMode,
): Promise<boolean> {
  if (providers === undefined) return false;
  const granted = await providerGrants.ofClient(clientId);
  const wanted = [...new Set(providers)].sort();
  if (isDeepStrictEqual(granted, wanted)) return false;
  requireProviderIds(wanted, 'providers');
  if (!isDryRun) await providerGrants.set(clientId, wanted, systemActor);
  return true;
}

/** @returns nothing for an account that the document makes and that is not there yet */
async function findOwner(
  { accounts }: Deps,
  username: string,
  { isDryRun, announced }: ApplyMode,
): Promise<string | undefined> {
  const account = await accounts.findByUsername(username);
  if (account) return account.id;
  if (isDryRun && announced.usernames.has(username.toLowerCase())) return undefined;
  throw new NotFoundError(`There is no account ${username}, which should be its owner.`);
}
