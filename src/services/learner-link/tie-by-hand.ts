import { type EntityManager, LockMode, raw } from '@mikro-orm/postgresql';
import { lmsIdOf } from '../../datasources/program/program-ref.js';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { type LearnerLink, LearnerLinkEntity } from '../../entities/learner-link.entity.js';
import { ProgramEntity } from '../../entities/program.entity.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import type { Actor } from '../actor.js';
import { refOf } from '../program/source.js';
import type { LearnerKey, LearnerTieDeps } from './learner-key.js';
import { findHolder, type Person, recordLearnerStep, tieLearner } from './move-learner.js';

export interface TieRequest extends LearnerKey {
  accountId: string;
  /** Whether a learner who is tied to somebody else is moved; without it that is a conflict. */
  isRelink: boolean;
}

/**
 * Ties a learner to an account: at the LMS first, in each program that it has them in, so that what is stored here is what is so.
 * An account without an LMS user is tied here, and to the LMS user once there is one.
 *
 * @throws ConflictError, NotFoundError; UpstreamRejectedError with the LMS's own words; UpstreamUnavailableError: safe to repeat
 */
export async function tieByHand(
  { orm, lms, source, audit, clock }: LearnerTieDeps,
  { accountId, isRelink, ...key }: TieRequest,
  actor: Actor,
): Promise<LearnerLink> {
  const em = orm.em.fork();
  const person = await personOf(em, accountId);
  const before = await findLearner(em, key);
  if (!before && isRelink) throw unknownLearner(key);
  if (before) await requireFree(em, before, person, isRelink);
  for (const programUuid of before ? await programsAtLms(em, before, source) : [])
    if (person.lmsUsername !== null)
      await lms.linkLearner(
        { programUuid, externalKey: before?.externalKey ?? key.externalKey, username: person.lmsUsername },
        { purpose: 'request' },
      );
  return em.fork().transactional(async (tx) => {
    const now = clock();
    const link = (await findLearner(tx, key, LockMode.PESSIMISTIC_WRITE)) ?? (await addLearner(tx, key, now));
    await requireFree(tx, link, person, isRelink);
    const detail = link.accountId == null ? null : { before: link.accountId };
    const cause = isRelink ? 'relinked' : 'linked';
    if (isRelink) link.linkedAt = null;
    await tieLearner(tx, link, person, { actor, cause, detail, source: 'by-hand' }, now);
    await audit.record(
      {
        action: `learner.${cause}`,
        outcome: 'success',
        actor,
        subjectId: accountId,
        detail: { learnerLinkId: link.id, ...detail },
      },
      tx,
    );
    return link;
  });
}

/** By key, in any letter case. */
export function findLearner(
  em: EntityManager,
  { organizationId, externalKey }: LearnerKey,
  lockMode: LockMode = LockMode.NONE,
): Promise<LearnerLink | null> {
  return em.findOne(
    LearnerLinkEntity,
    { organizationId, [raw('lower(external_key)')]: externalKey.toLowerCase() },
    { lockMode },
  );
}

export function unknownLearner({ externalKey }: LearnerKey): NotFoundError {
  return new NotFoundError(`The organization has no learner ${externalKey}.`);
}

async function personOf(em: EntityManager, accountId: string): Promise<Person> {
  const edx = await em.findOne(EdxLinkEntity, { accountId, state: 'LINKED' });
  return { accountId, lmsUsername: edx?.edxUsername ?? null, lmsUserId: edx?.edxUserId ?? null };
}

async function requireFree(em: EntityManager, link: LearnerLink, person: Person, isRelink: boolean): Promise<void> {
  if (link.state === 'RETIRED') throw new ConflictError('This learner has left; they cannot be tied to anybody.');
  const holder = await findHolder(em, link, person);
  if (holder)
    throw new ConflictError(
      `This person is the organization’s learner ${holder.externalKey} already: unlink that first.`,
    );
  const isOther =
    link.state === 'LINKED' &&
    (link.accountId == null
      ? link.lmsUsername?.toLowerCase() !== person.lmsUsername?.toLowerCase()
      : link.accountId !== person.accountId);
  if (isOther && !isRelink) throw new ConflictError('This learner is tied to somebody else: relinkLearner moves them.');
}

async function addLearner(tx: EntityManager, key: LearnerKey, now: Date): Promise<LearnerLink> {
  const link = tx.create(LearnerLinkEntity, { ...key, state: 'WAITING', source: 'by-hand' });
  await tx.flush();
  await recordLearnerStep(tx, link, null, { actor: { accountId: null }, cause: 'by-hand' }, now);
  return link;
}

/**
 * Those in which the LMS is known to have the learner.
 *
 * @throws ConflictError when there is one whose id in the LMS is not known
 */
async function programsAtLms(
  em: EntityManager,
  { id }: LearnerLink,
  source: LearnerTieDeps['source'],
): Promise<string[]> {
  const programs = await em.find(
    ProgramEntity,
    {
      id: {
        $in: raw('(select program_id from program_enrollment where learner_link_id = ? and confirmed_at is not null)', [
          id,
        ]),
      },
    },
    { orderBy: { id: 'asc' } },
  );
  return programs.filter((program) => source.isTied(program)).map((program) => lmsIdOf(refOf(program)));
}
