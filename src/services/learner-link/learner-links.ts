import { type EntityManager, type FilterQuery, raw } from '@mikro-orm/postgresql';
import {
  type LearnerLink,
  LearnerLinkEntity,
  type LearnerLinkEvent,
  LearnerLinkEventEntity,
  type LearnerLinkState,
} from '../../entities/learner-link.entity.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';

/** What a learner is looked up by: exactly one way. */
export type LearnerBy =
  | { organizationId: string; externalKey: string }
  | { accountId: string }
  | { lmsUsername: string }
  | { lmsUserId: number };

/** Learners of organizations, as stored. Who may see them is the caller's question. */
export interface LearnerLinks {
  findByIds(ids: readonly string[]): Promise<LearnerLink[]>;
  /** All rows of a person: one for each organization that knows them, oldest first. */
  find(by: LearnerBy): Promise<LearnerLink[]>;
  ofAccounts(accountIds: readonly string[]): Promise<LearnerLink[]>;
  /** Every step of these learners, oldest first. */
  history(learnerLinkIds: readonly string[]): Promise<LearnerLinkEvent[]>;
  list(
    filter: { organizationId: string; state?: LearnerLinkState; programId?: string },
    page: PageRequest,
  ): Promise<Page<LearnerLink>>;
}

export function createLearnerLinks({ em }: { em: EntityManager }): LearnerLinks {
  const find = (where: FilterQuery<LearnerLink>) =>
    em.fork().find(LearnerLinkEntity, where, { orderBy: { id: 'asc' } });
  return {
    findByIds: (ids) => find({ id: { $in: [...ids] } }),
    find(by) {
      if ('externalKey' in by)
        return find({
          organizationId: by.organizationId,
          [raw('lower(external_key)')]: by.externalKey.toLowerCase(),
        });
      if ('lmsUsername' in by) return find({ [raw('lower(lms_username)')]: by.lmsUsername.toLowerCase() });
      return find(by);
    },
    ofAccounts: (accountIds) => find({ accountId: { $in: [...accountIds] } }),
    history: (learnerLinkIds) =>
      em.fork().find(
        LearnerLinkEventEntity,
        { learnerLinkId: { $in: [...learnerLinkIds] } },
        // A learner may be named and known in the same moment; the first step comes from nowhere.
        { orderBy: [{ at: 'asc' }, { from: 'asc nulls first' }, { id: 'asc' }] },
      ),
    list: ({ organizationId, state, programId }, page) =>
      findPage(
        em.fork(),
        LearnerLinkEntity,
        {
          organizationId,
          ...(state && { state }),
          ...(programId && {
            id: { $in: raw('(select learner_link_id from program_enrollment where program_id = ?)', [programId]) },
          }),
        },
        page,
      ),
  };
}
