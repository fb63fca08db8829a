import type { Role } from '../../src/access/viewer.js';
import type { Account } from '../../src/entities/account.entity.js';
import type { Enrollment } from '../../src/entities/enrollment.entity.js';
import { eventually } from '../support/eventually.js';
import { askGraph, dataOf, type GraphCaller } from '../support/gql.js';
import { type GraphSite, staffScope, startGraphSite } from '../support/graph-site.js';
import { pullLever, type SandboxRequest } from '../support/sandbox-levers.js';

export interface Person {
  account: Account;
  caller: GraphCaller & { token: string };
  /** Id in the graph. */
  id: string;
}

/** A running Portico with its worker before a demo LMS, people in both, and one of the staff. */
export interface School extends AsyncDisposable {
  site: GraphSite;
  staff: Person;
  /** Somebody with a real account in the LMS. */
  person(username: string, options?: { roles?: Role[] }): Promise<Person>;
  /** Runs a mutation that takes one input; answers its payload. */
  mutate(who: Person, mutation: string, input: Record<string, unknown>, fields: string): Promise<Payload>;
  enrollment(person: Person, courseKey: string): Promise<Enrollment | undefined>;
  /** Waits until nothing is left to do for an enrollment. */
  settled(person: Person, courseKey: string): Promise<Enrollment>;
  atLms(person: Person, courseKey: string): Promise<{ mode: string; isActive: boolean } | undefined>;
  /** Changes an enrollment at the LMS, as its own staff would. */
  changeAtLms(
    person: Person,
    change: { courseKey: string; mode?: string; isActive: boolean; force?: boolean },
  ): Promise<void>;
  /** Writes that the LMS received of one course run. */
  posts(): Promise<SandboxRequest[]>;
  history(row: { id: string }): Promise<string[]>;
}

export interface Payload {
  userErrors: { code: string }[];
  [field: string]: unknown;
}

const learnerScope = 'learning:read learning:write';

/** @param env - settings on top of those of the test */
export async function startSchool(env: Record<string, string> = {}): Promise<School> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await startGraphSite({ worker: true, env }));
  const { services, lms } = site.gateway.context;
  const { enrollments, edxLinks } = services;

  const person = async (username: string, { roles = [] }: { roles?: Role[] } = {}): Promise<Person> => {
    const account = await site.aPerson({ username, roles, isLinked: false });
    await eventually(`${username} is in the LMS`, async () => (await edxLinks.find(account.id))?.state === 'LINKED');
    const caller = await site.caller(account, roles.length > 0 ? staffScope : learnerScope);
    return { account, caller, id: Buffer.from(`Account:${account.id}`).toString('base64url') };
  };
  const enrollment = (who: Person, courseKey: string) => enrollments.findFor(who.account.id, courseKey);

  const staff = await person('registrar', { roles: ['STAFF'] });
  const resources = stack.move();
  return {
    site,
    staff,
    person,
    async mutate(who, mutation, input, fields) {
      const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
      const document = `mutation Test($input: ${type}!) { payload: ${mutation}(input: $input) { ${fields} userErrors { code } } }`;
      const { payload } = await dataOf(askGraph<{ payload: Payload }>(who.caller, document, { input }));
      return payload;
    },
    enrollment,
    settled: (who, courseKey) =>
      eventually(`${courseKey} of ${who.account.username} is settled`, async () => {
        const row = await enrollment(who, courseKey);
        return row && !row.intent ? row : undefined;
      }),
    async atLms({ account }, courseKey) {
      const row = await lms.api.readEnrollment(account.username, courseKey, { purpose: 'job' });
      return row && { mode: row.mode, isActive: row.isActive };
    },
    async changeAtLms({ account }, change) {
      const outcome = await lms.api.postEnrollment({ username: account.username, ...change }, { purpose: 'job' });
      if (outcome.kind === 'refused') throw new Error(outcome.refusal.message);
    },
    async posts() {
      const all = (await pullLever(site.gateway.sandbox.lmsUrl, 'GET', 'requests')) as SandboxRequest[];
      return all.filter(({ method, path }) => method === 'POST' && path.startsWith('/api/enrollment/v1/enrollment'));
    },
    history: async ({ id }) => (await enrollments.history([id])).map(({ cause }) => cause),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
