import { applyAccount } from './accounts.js';
import { applyClient } from './clients.js';
import type { Installation } from './document.js';
import { applyGrant } from './grants.js';
import { applyIdentityProvider } from './identity-providers.js';
import { asMistake, type Mistake, mistaken } from './mistakes.js';
import { applyPartnerGrant } from './partner-grants.js';
import { applyOrganization, applyProgram } from './programs.js';
import type { AppliedRow, ApplyMode, InstallationDeps } from './row.js';

export interface InstallationService {
  /**
   * Brings accounts, clients, grants, organizations, programs, roles of partners and identity providers in line with a document. Everything is looked at first: while any row cannot be
   * applied, nothing is changed. What the document does not name stays as it is. Safe to repeat, also when it was cut off.
   *
   * @returns a row for each of the document's, in this order: accounts, clients, grants, organizations, programs, roles of partners, identity providers
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
        organizationKeys: new Set(installation.organizations?.map(({ key }) => key.toLowerCase())),
        programKeys: new Set(installation.programs?.map(({ key }) => key.toLowerCase())),
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

/**
 * Accounts come before the clients that act as them, and both before what one allows the other; organizations before their
 * programs, and all of them before the roles in them and their identity providers.
 */
function stepsOf(installation: Installation, deps: InstallationDeps): Step[] {
  const { accounts = [], clients = [], grants = [] } = installation;
  const { organizations = [], programs = [], partnerGrants = [], identityProviders = [] } = installation;
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
    ...organizations.map((row, index) => ({
      place: `organizations[${index}]`,
      run: (mode: ApplyMode) => applyOrganization(deps, row, mode),
    })),
    ...programs.map((row, index) => ({
      place: `programs[${index}]`,
      run: (mode: ApplyMode) => applyProgram(deps, row, mode),
    })),
    ...partnerGrants.map((row, index) => ({
      place: `partnerGrants[${index}]`,
      run: (mode: ApplyMode) => applyPartnerGrant(deps, row, mode),
    })),
    ...identityProviders.map((row, index) => ({
      place: `identityProviders[${index}]`,
      run: (mode: ApplyMode) => applyIdentityProvider(deps, row, mode),
    })),
  ];
}
