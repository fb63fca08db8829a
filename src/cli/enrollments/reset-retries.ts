import { systemActor } from '../../services/actor.js';
import { openContext } from '../command-context.js';
import { countOf, printAnswer } from '../output.js';
import { readRetryScope, type ScopeOptions } from './retry-scope.js';

export interface ResetRetriesOptions extends ScopeOptions {
  onlyExhausted: boolean;
  dryRun: boolean;
  json: boolean;
}

/** `portico reset-enrollment-retries`: as `resetEnrollmentRetries` of the graph. */
export async function resetEnrollmentRetries(who: string[], options: ResetRetriesOptions): Promise<void> {
  const { onlyExhausted, dryRun, json } = options;
  await using opened = await openContext();
  const { accounts, enrollmentRetries } = opened.context.services;
  const scope = await readRetryScope(accounts, who, options);
  const count = await enrollmentRetries.reset(scope, { onlyExhausted, dryRun }, systemActor);
  printAnswer(json, { dryRun, count }, [
    dryRun
      ? `The attempts of ${countOf(count, 'enrollment')} would be counted anew.`
      : `The attempts of ${countOf(count, 'enrollment')} are counted anew.`,
  ]);
}
