import { expandRoles } from '../../access/viewer.js';
import type { AppContext } from '../../app/context.js';
import type { Account } from '../../entities/account.entity.js';
import { lookUpAccount } from '../../services/account/look-up.js';
import { systemActor } from '../../services/actor.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';

export interface RetireAccountOptions {
  blockEmail: boolean;
  dryRun: boolean;
  json: boolean;
}

/** `portico retire-account`: ends an account for good, as `retireAccount` of the graph does, and waits for the steps. */
export async function retireAccount(who: string, { blockEmail, dryRun, json }: RetireAccountOptions): Promise<void> {
  await using opened = await openContext();
  const { services } = opened.context;
  const account = await lookUpAccount(services.accounts, who);
  if (dryRun) return printPlan(account, await describe(opened.context, account), json);
  const operator = { actor: systemActor, roles: expandRoles(['ADMIN']) };
  await services.retirements.retire(account.id, operator, { isEmailBlocked: blockEmail });
  const isDone = await services.retirements.run(account.id);
  const outcome = await describe(opened.context, account);
  printAnswer(json, { ...outcome, dryRun: false }, [
    isDone ? `${account.username} is retired.` : `${account.username} can no longer sign in; the rest has to wait.`,
    ...outcome.steps.map(({ name, outcome, reason }) => `${name}  ${outcome}${reason ? `  ${reason}` : ''}`),
    ...(outcome.waitsFor ? [`It goes on by itself. ${outcome.waitsFor}`] : []),
  ]);
  if (!isDone) process.exitCode = 1;
}

async function describe({ services }: AppContext, { id, username }: Account) {
  const [retirement] = await services.retirements.findByAccountIds([id]);
  const steps = retirement ? await services.retirements.steps([retirement.id]) : [];
  const link = await services.edxLinks.find(id);
  return {
    username,
    retirement: retirement?.state ?? null,
    edxUsername: link?.edxUsername ?? null,
    steps: steps.map(({ name, outcome, reason }) => ({ name, outcome, reason: reason ?? null })),
    waitsFor: retirement?.lastError?.message ?? null,
  };
}

function printPlan(account: Account, now: Awaited<ReturnType<typeof describe>>, json: boolean): void {
  const lms = now.edxUsername ? `the LMS user ${now.edxUsername} would be retired there` : 'there is no LMS user';
  const isOver = now.retirement === 'DONE' || now.retirement === 'RUNNING';
  printAnswer(json, { ...now, dryRun: true, status: account.status }, [
    isOver
      ? `${account.username} is retired already (${now.retirement}).`
      : `${account.username} (${account.email}, ${account.status}) would be retired: nobody could sign in with it, ${lms}, name, address, profile and sign-in data would be erased. The username stays reserved.`,
    'Nothing was changed.',
  ]);
}
