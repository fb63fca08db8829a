import type { ClientGrants } from '../../access/client-grants.js';
import type { AccountService } from '../account/account.service.js';
import type { AccountLifecycleService } from '../account/account-lifecycle.service.js';
import type { OAuthClientService } from '../oauth-client/oauth-client.service.js';
import type { PasswordPolicy } from '../password/policy.js';
import { applyAccount } from './accounts.js';
import { applyClient } from './clients.js';
import type { Installation } from './document.js';
import { applyGrant } from './grants.js';
import { asMistake, type Mistake, mistaken } from './mistakes.js';

export interface InstallationDeps {
  accounts: Pick<AccountService, 'create' | 'findByUsername' | 'findByEmail' | 'updateProfile'>;
  accountLifecycle: Pick<AccountLifecycleService, 'grantRole' | 'revokeRole'>;
  oauthClients: Pick<OAuthClientService, 'ensure' | 'findByClientId' | 'restrict' | 'unrestrict'>;
  clientGrants: Pick<ClientGrants, 'list' | 'allow'>;
  passwordPolicy: PasswordPolicy;
}

/** What became of one row. */
export interface AppliedRow {
  kind: 'account' | 'client' | 'grant';
  name: string;
  outcome: 'created' | 'updated' | 'unchanged';
  /** Names of what was different; never values, of which some are secret. */
  changed: string[];
}

/** Whether a row is only looked at. */
export interface ApplyMode {
  isDryRun: boolean;
  /** What the document makes, and what therefore need not be there while it is only looked at. */
  announced: { usernames: ReadonlySet<string>; clientScopes: ReadonlyMap<string, readonly string[]> };
}

export interface InstallationService {
  /**
   * Brings accounts, clients and grants in line with a document. Everything is looked at first: while any row cannot be
   * applied, nothing is changed. What the document does not name stays as it is. Safe to repeat, also when it was cut off.
   *
   * @returns a row for each of the document's, in its order: accounts, clients, grants
   * @throws InvalidInputError that lists every mistake with its place
   */
  apply(installation: Installation, options?: { isDryRun?: boolean }): Promise<AppliedRow[]>;
}

export function createInstallationService(deps: InstallationDeps): InstallationService {
  return {
    async apply(installation, { isDryRun = false } = {}) {
      const announced = {
        usernames: new Set(installation.accounts?.map(({ username }) => username.toLowerCase())),
        clientScopes: new Map(installation.clients?.map(({ clientId, scopes = [] }) => [clientId, scopes])),
      };
      const steps = stepsOf(installation, deps);
      const planned: AppliedRow[] = [];
      const mistakes: Mistake[] = [];
      for (const { place, run } of steps) {
        try {
          planned.push(await run({ isDryRun: true, announced }));
        } catch (error) {
          mistakes.push(asMistake(place, error));
        }
      }
      if (mistakes.length > 0) throw mistaken(mistakes);
      if (isDryRun) return planned;
      const done: AppliedRow[] = [];
      for (const { run } of steps) done.push(await run({ isDryRun: false, announced }));
      return done;
    },
  };
}

interface Step {
  place: string;
  run(mode: ApplyMode): Promise<AppliedRow>;
}

/** Accounts come before the clients that act as them, and both before what one allows the other. */
function stepsOf({ accounts = [], clients = [], grants = [] }: Installation, deps: InstallationDeps): Step[] {
  return [
    ...accounts.map((row, index) => ({
      place: `accounts[${index}]`,
      run: (mode: ApplyMode) => applyAccount(deps, row, mode),
    })),
    ...clients.map((row, index) => ({
      place: `clients[${index}]`,
      run: (mode: ApplyMode) => applyClient(deps, row, mode),
    })),
    ...grants.map((row, index) => ({
      place: `grants[${index}]`,
      run: (mode: ApplyMode) => applyGrant(deps, row, mode),
    })),
  ];
}
