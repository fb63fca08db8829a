import { ProgramEntity } from '../../../src/entities/program.entity.js';
import { eventually } from '../../support/eventually.js';
import type { SandboxFault } from '../../support/sandbox-levers.js';
import type { RegistrarStage } from './registrar-stage.js';

type Precondition = (stage: RegistrarStage) => Promise<void>;

/** Longer than Portico leaves alone whoever has just failed. */
const longerThanPausesMs = 60_000;
/** Of the service worker's token. */
const tokenLifeMs = 3_600_000;

/** “The Discovery cache is emptied before each Discovery case”: what Portico knows is too old, and it asks again. */
async function makeOld(stage: RegistrarStage): Promise<void> {
  stage.wait(longerThanPausesMs);
  await describedAt(stage, null);
}

function describedAt({ site }: RegistrarStage, syncedAt: Date | null): Promise<number> {
  return site.gateway.context.orm.em.fork().nativeUpdate(ProgramEntity, {}, { syncedAt });
}

/** Discovery does so, until it does something else. */
function discovery(fault: Omit<SandboxFault, 'match'>): Precondition {
  return async (stage) => {
    await stage.discovery.faults([{ match: '*', ...fault }]);
    await makeOld(stage);
  };
}

/** Discovery is well, and Portico has noticed. */
async function healDiscovery({ site, discovery: levers }: RegistrarStage): Promise<void> {
  await levers.heal();
  const { programs } = site.gateway.context.services;
  await eventually('Discovery is asked again', async () => {
    const program = await programs.findByKey('masters-in-cs');
    const [described] = await programs.describe(program ? [program] : [], { purpose: 'request', isForced: true });
    return described?.isStale === false;
  });
}

/** The token is not good any more, and the token endpoint does so. */
function tokenEndpoint(fault: Omit<SandboxFault, 'match'>, { isCold }: { isCold: boolean }): Precondition {
  return async (stage) => {
    await stage.site.lms.faults([{ match: '/oauth2/access_token*', ...fault }]);
    stage.wait(tokenLifeMs);
    await describedAt(stage, isCold ? null : stage.clock());
  };
}

function lms(...faults: Omit<SandboxFault, 'match'>[]): Precondition {
  return ({ site }) => site.lms.faults(faults.map((fault) => ({ match: '/api/program_enrollments/*', ...fault })));
}

const invalidClient = { mode: 'answer', status: 401, body: { error: 'invalid_client' } };
const goesThrough = { method: 'PUT', mode: 'slow', ms: 0, times: 1 };
const listed = (key: string) => ({ student_key: key, status: 'enrolled', account_exists: true, curriculum_uuid: null });

/** How upstreams fail before an exchange of that recording, by `file number`. */
export const upstreamFaults: Record<string, Precondition> = {
  'upstream-faults 2': discovery({ mode: 'answer', status: 500, body: { detail: 'x' } }),
  'upstream-faults 6': healDiscovery,
  async 'upstream-faults 9'(stage) {
    await healDiscovery(stage);
    await discovery({ mode: 'answer', status: 200, body: [] })(stage);
  },
  'upstream-faults 10': discovery({ mode: 'wrong-json' }),
  'upstream-faults 11': discovery({ mode: 'reset' }),
  'upstream-faults 12': makeOld,
  // How long Portico waits at most is asked elsewhere: the test of upstream failures has calls that hang.
  async 'upstream-faults 13'(stage) {
    await healDiscovery(stage);
    await discovery({ mode: 'slow', ms: 200 })(stage);
  },
  async 'upstream-faults 14'(stage) {
    await healDiscovery(stage);
    await lms({ mode: 'reset' })(stage);
  },
  'upstream-faults 15': lms({ mode: 'slow', ms: 200 }),
  'upstream-faults 16': lms(goesThrough, { method: 'PUT', mode: 'answer', status: 500, body: {}, times: 1 }),
  'upstream-faults 17': lms(goesThrough, goesThrough, { method: 'PUT', mode: 'reset', times: 1 }),
  async 'upstream-faults 18'(stage) {
    const next = `${stage.site.gateway.sandbox.discoveryUrl}/elsewhere/?cursor=2`;
    const page = (next: string | null, key: string) => ({ next, previous: null, results: [listed(key)] });
    await lms(
      { mode: 'answer', status: 200, body: page(next, '1'), times: 1 },
      { mode: 'answer', status: 200, body: page(null, '2'), times: 1 },
    )(stage);
  },
  'upstream-faults 19': tokenEndpoint(invalidClient, { isCold: true }),
  'upstream-faults 20': tokenEndpoint(invalidClient, { isCold: false }),
  'upstream-faults 21': tokenEndpoint({ mode: 'html500' }, { isCold: true }),
  'upstream-faults 22': tokenEndpoint({ mode: 'answer', status: 200, body: { expires_in: 3600 } }, { isCold: true }),
};
