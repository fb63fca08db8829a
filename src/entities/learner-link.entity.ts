import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

export const learnerLinkStates = ['WAITING', 'LINKED', 'CONFLICT', 'RETIRED'] as const;
export type LearnerLinkState = (typeof learnerLinkStates)[number];

/**
 * A learner as an organization knows them, tied to the account and the LMS user that they turned out to be. Unique are the key
 * within the organization, without regard to case, and the LINKED row of an account within it.
 */
export const LearnerLinkEntity = defineEntity({
  name: 'LearnerLink',
  tableName: 'learner_link',
  properties: {
    ...baseProperties,
    organizationId: p.uuid(),
    /** The school's id for the learner (student key), in the spelling that it first used. */
    externalKey: p.text(),
    state: p.enum(learnerLinkStates).$type<LearnerLinkState>().default('WAITING'),
    accountId: p.uuid().nullable(),
    lmsUsername: p.text().nullable(),
    lmsUserId: p.integer().nullable(),
    /** How the row came to be, or to its account: e.g. `upload`, `lms`, `sign-in`, `support`. */
    source: p.text(),
    /** For a person: what stands in the way, in CONFLICT. */
    reason: p.text().nullable(),
    linkedAt: p.datetime().nullable(),
    /** The LMS user whom somebody untied from the key: what the LMS still says of the two is not believed. */
    unlinkedUsername: p.text().nullable(),
  },
});
export type LearnerLink = InferEntity<typeof LearnerLinkEntity>;

/** One step of a learner link's life: from, to, by whom and why. */
export const LearnerLinkEventEntity = defineEntity({
  name: 'LearnerLinkEvent',
  tableName: 'learner_link_event',
  properties: {
    id: baseProperties.id,
    learnerLinkId: p.uuid(),
    at: p.datetime(),
    from: p.text().fieldName('from_state').nullable(),
    to: p.text().fieldName('to_state'),
    /** Null: the system itself. */
    actorId: p.uuid().nullable(),
    cause: p.text(),
    detail: p.json<Record<string, unknown> | null>().nullable(),
  },
});
export type LearnerLinkEvent = InferEntity<typeof LearnerLinkEventEntity>;
