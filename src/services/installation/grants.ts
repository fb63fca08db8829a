import { InvalidInputError, NotFoundError } from '../../errors.js';
import { systemActor } from '../actor.js';
import type { GrantRow } from './document.js';
import type { AppliedRow, ApplyMode, InstallationDeps } from './row.js';

type Deps = Pick<InstallationDeps, 'accounts' | 'oauthClients' | 'clientGrants'>;

/**
 * Adds to what a person allows a client; what they allowed beyond it stays.
 *
 * @throws {@link NotFoundError} when there is no such account or client
 * @throws {@link InvalidInputError} when the client may not have a scope at all
 */
export async function applyGrant(deps: Deps, row: GrantRow, mode: ApplyMode): Promise<AppliedRow> {
  const [account, client] = await Promise.all([
    deps.accounts.findByUsername(row.account),
    deps.oauthClients.findByClientId(row.client),
  ]);
  const { isDryRun, announced } = mode;
  if (!account && !(isDryRun && announced.usernames.has(row.account.toLowerCase())))
    throw new NotFoundError(`There is no account ${row.account}.`);
  const scopes = announced.clientScopes.get(row.client) ?? client?.scopes;
  if (!scopes) throw new NotFoundError(`There is no client ${row.client}.`);
  const foreign = row.scopes.find((scope) => !scopes.includes(scope));
  if (foreign !== undefined)
    throw new InvalidInputError(`The client is not registered for the scope ${foreign}.`, { field: ['scopes'] });
  const applied = { kind: 'grant' as const, name: `${row.account} to ${row.client}` };
  if (!account || !client) return { ...applied, outcome: 'created', changed: [] };
  const granted = (await deps.clientGrants.list(account.id)).find(({ clientId }) => clientId === row.client);
  const missing = row.scopes.filter((scope) => !granted?.scopes.includes(scope));
  if (missing.length === 0) return { ...applied, outcome: 'unchanged', changed: [] };
  if (!isDryRun) await deps.clientGrants.allow(account.id, row.client, row.scopes, systemActor);
  return { ...applied, outcome: granted ? 'updated' : 'created', changed: granted ? ['scopes'] : [] };
}
