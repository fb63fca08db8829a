import { applyAccount } from './accounts.js';
import { applyClient } from './clients.js';
import type { Installation } from './document.js';
import { applyGrant } from './grants.js';
import { asMistake, type Mistake, mistaken } from './mistakes.js';
import type { AppliedRow, ApplyMode, InstallationDeps } from './row.js';

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
