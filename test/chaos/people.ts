import { type EntityManager, LockMode, type MikroORM } from '@mikro-orm/postgresql';
import { AccountEntity } from '../../src/entities/account.entity.js';
import { createOrm } from '../../src/entities/orm.js';
import { InvalidInputError } from '../../src/errors.js';
import { createLogger } from '../../src/logger.js';
import { insertAccount, prepareAccount, withTypedConflicts } from '../../src/services/account/creation.js';
import { systemActor } from '../../src/services/actor.js';
import { createAuditService } from '../../src/services/audit/audit.service.js';
import { createEdxLinkPlanner, type EdxLinkPlanner } from '../../src/services/edx-link/planner.js';
import { enqueuePush } from '../../src/services/edx-push/plan.js';
import { storeWish } from '../../src/services/enrollment/request.js';

export interface Person {
  /** Address with which they register; what they call themselves afterwards is in their acts. */
  email: string;
  name: string;
  /** Of the account, once they have one. */
  accountId?: string;
  /** What they do after they registered, in this order. */
  acts: Act[];
}

/** One thing that somebody does. */
export type Act =
  | { kind: 'enroll'; courseKey: string }
  | { kind: 'change-mode'; courseKey: string; mode: string }
  | { kind: 'unenroll'; courseKey: string }
  | { kind: 'rename'; name: string }
  | { kind: 'move'; country: string }
  | { kind: 'readdress'; email: string };

/** Whether an act is about a course run. */
export function isAboutCourse(act: Act): act is Extract<Act, { courseKey: string }> {
  return 'courseKey' in act;
}

/**
 * Lets people register and enroll while everything around is killed: each act is repeated until it is committed, with the
 * same e-mail address and the same idempotency key, as a person or a client would.
 */
export interface People extends AsyncDisposable {
  register(person: Person): Promise<void>;
  /** @param number - of the act among those of the person: what is repeated is recognised by it */
  act(person: Person, act: Act, number: number): Promise<void>;
}

const pauseMs = 200;

/** @param getDatabaseUrl - asked again after each failure: a database may come back elsewhere */
export function createPeople(getDatabaseUrl: () => string): People {
  const clock = () => new Date();
  const logger = createLogger('silent');
  const edxLinks = createEdxLinkPlanner({ config: { backend: 'ol-oauth2' }, clock });
  const hasher = { hash: refuse, verify: refuse };
  let orm: MikroORM | undefined;
  let isOver = false;

  const onDatabase = async <T>(act: (orm: MikroORM) => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        orm ??= createOrm({ url: getDatabaseUrl(), poolSize: 8 });
        return await act(orm);
      } catch (error) {
        if (isOver || error instanceof InvalidInputError) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  };

  return {
    async register(person) {
      const { email, name } = person;
      try {
        await onDatabase(async (database) => {
          const { em } = database;
          const audit = createAuditService({ orm: database, clock, logger });
          const deps = { hasher, edxLinks, clock, audit, blockedEmails: noBlockedEmails };
          const account = await prepareAccount({ email, name, isEmailVerified: true }, deps);
          await withTypedConflicts(() =>
            em.fork().transactional((tx) => insertAccount(tx, account, systemActor, deps)),
          );
        });
      } catch (error) {
        // The answer to an earlier try was lost, the account was not.
        if (!(error instanceof InvalidInputError && error.reason === 'EMAIL_TAKEN')) throw error;
      }
      await onDatabase(async ({ em }) => {
        person.accountId = (await em.fork().findOneOrFail(AccountEntity, { email })).id;
      });
    },
    act: ({ accountId = '' }, act, number) =>
      onDatabase(async ({ em }) => {
        if (!isAboutCourse(act)) return change(em, edxLinks, accountId, act);
        const { kind, courseKey } = act;
        const mode = kind === 'change-mode' ? act.mode : undefined;
        await storeWish(
          em,
          { intent: intents[kind], accountId, courseKey, ...(mode !== undefined && { mode }) },
          { actor: { accountId }, idempotencyKey: `chaos-${number}`, now: clock() },
        );
      }),
    async [Symbol.asyncDispose]() {
      isOver = true;
      await orm?.close();
    },
  };
}

const noBlockedEmails = { require: async () => {} };

const intents = { enroll: 'ENROLL', 'change-mode': 'CHANGE_MODE', unenroll: 'UNENROLL' } as const;

/** As changes of a person are stored: what is new, the job that brings it to the LMS, and a try for a link that rests. */
async function change(
  em: EntityManager,
  edxLinks: EdxLinkPlanner,
  accountId: string,
  act: Exclude<Act, { courseKey: string }>,
): Promise<void> {
  await em.fork().transactional(async (tx) => {
    const account = await tx.findOneOrFail(AccountEntity, { id: accountId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (act.kind === 'rename') account.name = act.name;
    if (act.kind === 'move') account.profile = { ...account.profile, country: act.country };
    if (act.kind === 'readdress') account.email = act.email;
    await tx.flush();
    await enqueuePush(tx, accountId, act.kind === 'readdress' ? 'email' : 'profile');
    await edxLinks.reconsider(tx, accountId, { accountId });
  });
}

async function refuse(): Promise<never> {
  throw new Error('these people have no passwords');
}
