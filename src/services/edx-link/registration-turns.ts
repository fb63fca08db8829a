import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import { EdxRegistrationPaceEntity } from '../../entities/edx-registration-pace.entity.js';
import { UpstreamUnavailableError } from '../../errors.js';
import type { Events } from '../../events.js';
import { type RegistrationPace, slowDown, speedUp } from './registration-pace.js';

/** The LMS takes no registration before some time, whoever's it is. */
export class RegistrationPausedError extends UpstreamUnavailableError {
  constructor(
    readonly until: Date,
    readonly gapMs: number,
  ) {
    super(
      'The LMS takes no more registrations from Portico for now (REGISTRATION_RATELIMIT there). It goes on by itself, slowly; an operator should raise the limit.',
      { upstream: 'lms', why: 'throttled', status: 403 },
    );
  }
}

/** Registrations in turn, of all processes, at the pace that the LMS takes them. */
export interface RegistrationTurns {
  /** @throws {@link RegistrationPausedError} when nobody's turn is now; costs no call */
  requireOpen(): Promise<void>;
  /**
   * Registers when it is this account's turn, and learns from the answer.
   *
   * @throws {@link RegistrationPausedError} when it is not, or the LMS refuses by its limit; else what the LMS's API throws
   */
  register: LmsApi['registerUser'];
  /** Forgets the pauses, for an operator who has raised the limit. @returns whether there was one */
  resume(): Promise<boolean>;
}

const rowId = 1;

export function createRegistrationTurns({
  em,
  api,
  clock,
  events,
}: {
  em: EntityManager;
  api: Pick<LmsApi, 'registerUser'>;
  clock: Clock;
  events: Pick<Events, 'registrationsPaused' | 'registrationsResumed'>;
}): RegistrationTurns {
  const read = () => em.fork().findOneOrFail(EdxRegistrationPaceEntity, { id: rowId });

  /** @returns the pace at which this turn was taken */
  const takeTurn = async (): Promise<RegistrationPace> => {
    const pace = await read();
    if (pace.gapMs === 0) return pace;
    const now = clock();
    const nextAt = new Date(now.getTime() + pace.gapMs);
    const isMine = await em
      .fork()
      .nativeUpdate(EdxRegistrationPaceEntity, { id: rowId, gapMs: pace.gapMs, nextAt: { $lte: now } }, { nextAt });
    if (isMine === 1) return pace;
    throw pausedBy(await read(), now);
  };

  /** Nothing follows from a turn that was taken at another pace than there is by now. */
  const learn = (taken: RegistrationPace, next: typeof slowDown): Promise<RegistrationPace> =>
    em.fork().transactional(async (tx) => {
      const row = await tx.findOneOrFail(
        EdxRegistrationPaceEntity,
        { id: rowId },
        { lockMode: LockMode.PESSIMISTIC_WRITE },
      );
      if (row.gapMs !== taken.gapMs) return row;
      const before = { gapMs: row.gapMs };
      Object.assign(row, next(row, clock()));
      await tx.flush();
      if (before.gapMs === 0) events.registrationsPaused({ until: row.nextAt ?? null });
      if (row.gapMs === 0) events.registrationsResumed();
      return row;
    });

  return {
    async requireOpen() {
      const pace = await read();
      const now = clock();
      if (pace.gapMs > 0 && pace.nextAt && pace.nextAt > now) throw pausedBy(pace, now);
    },
    async register(form, options) {
      const taken = await takeTurn();
      try {
        const outcome = await api.registerUser(form, options);
        if (taken.gapMs > 0) await learn(taken, speedUp);
        return outcome;
      } catch (error) {
        if (!isLimit(error)) throw error;
        throw pausedBy(await learn(taken, slowDown), clock());
      }
    },
    async resume() {
      const changed = await em
        .fork()
        .nativeUpdate(
          EdxRegistrationPaceEntity,
          { id: rowId, gapMs: { $gt: 0 } },
          { gapMs: 0, nextAt: null, refusedSince: null },
        );
      if (changed > 0) events.registrationsResumed();
      return changed > 0;
    },
  };
}

/** 403 with the LMS's own code: its limit per week and address. An edge that is busy answers 429. */
function isLimit(error: unknown): boolean {
  return error instanceof UpstreamUnavailableError && error.why === 'throttled' && error.status === 403;
}

function pausedBy({ nextAt, gapMs }: RegistrationPace, now: Date): RegistrationPausedError {
  return new RegistrationPausedError(nextAt ?? now, gapMs);
}
