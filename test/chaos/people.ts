import type { MikroORM } from '@mikro-orm/postgresql';
import { AccountEntity } from '../../src/entities/account.entity.js';
import { createOrm } from '../../src/entities/orm.js';
import { InvalidInputError } from '../../src/errors.js';
import { createLogger } from '../../src/logger.js';
import { insertAccount, prepareAccount, withTypedConflicts } from '../../src/services/account/creation.js';
import { systemActor } from '../../src/services/actor.js';
import { createAuditService } from '../../src/services/audit/audit.service.js';
import { createEdxLinkPlanner } from '../../src/services/edx-link/planner.js';
import { storeWish } from '../../src/services/enrollment/request.js';

export interface Person {
  email: string;
  name: string;
  /** What they want to be enrolled in. */
  courseKeys: string[];
}

/**
 * Lets people register and enroll while everything around is killed: each act is repeated until it is committed, with the
 * same e-mail address and the same idempotency key, as a person or a client would.
 */
export interface People extends AsyncDisposable {
  register(person: Person): Promise<void>;
  enroll(person: Person, courseKey: string): Promise<void>;
}

const pauseMs = 200;

/** @param getDatabaseUrl - asked again after each failure: a database may come back elsewhere */
export function createPeople(getDatabaseUrl: () => string): People {
  const clock = () => new Date();
  const logger = createLogger('silent');
  const edxLinks = createEdxLinkPlanner({ config: { backend: 'ol-oauth2' }, clock });
  const hasher = { hash: refuse, verify: refuse };
  let orm: MikroORM | undefined;

  const onDatabase = async <T>(act: (orm: MikroORM) => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        orm ??= createOrm({ url: getDatabaseUrl(), poolSize: 8 });
        return await act(orm);
      } catch (error) {
        if (error instanceof InvalidInputError) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  };

  return {
    async register({ email, name }) {
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
    },
    enroll: ({ email }, courseKey) =>
      onDatabase(async ({ em }) => {
        const { id: accountId } = await em.fork().findOneOrFail(AccountEntity, { email });
        await storeWish(
          em,
          { intent: 'ENROLL', accountId, courseKey },
          { actor: { accountId }, idempotencyKey: `chaos-${courseKey}`, now: clock() },
        );
      }),
    async [Symbol.asyncDispose]() {
      await orm?.close();
    },
  };
}

const noBlockedEmails = { require: async () => {} };

async function refuse(): Promise<never> {
  throw new Error('these people have no passwords');
}
