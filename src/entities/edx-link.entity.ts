import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';
import type { UpstreamFailure } from './upstream-failure.js';

export const edxLinkStates = [
  'NOT_LINKED',
  'PENDING',
  'CREATING',
  'LINKED',
  'CONFLICT',
  'REJECTED',
  'MISSING_UPSTREAM',
  'DEACTIVATED',
] as const;
export type EdxLinkState = (typeof edxLinkStates)[number];

/** The tie between an account and its LMS user, one row per account, with the learner's encrypted API token. */
export const EdxLinkEntity = defineEntity({
  name: 'EdxLink',
  tableName: 'edx_link',
  properties: {
    ...baseProperties,
    accountId: p.uuid(),
    state: p.enum(edxLinkStates).$type<EdxLinkState>().default('NOT_LINKED'),
    /** Kept by the database too, for whatever changes `state` without it. */
    stateSince: p.datetime().onCreate(() => new Date()),
    edxUsername: p.text().nullable(),
    edxUserId: p.integer().nullable(),
    /** When the LMS was asked for a number that it did not give. */
    edxUserIdSoughtAt: p.datetime().nullable(),
    /** The LMS's id of Portico as provider, e.g. `oa2-ol-oauth2`. */
    providerId: p.text(),
    /** The uid that the LMS holds for this account. */
    remoteId: p.text().nullable(),
    /** Tries that failed for reasons of this account; outages do not count. */
    attempts: p.integer().default(0),
    nextAttemptAt: p.datetime().nullable(),
    lastError: p.json<UpstreamFailure | null>().nullable(),
    linkedAt: p.datetime().nullable(),
    /** The LMS user who stands in the way, in CONFLICT and while that is being resolved. */
    contestedUsername: p.text().nullable(),
    /** Somebody asked for that user to be adopted. */
    adoptionGranted: p.boolean().default(false),
    /** JWE; never leaves the server. */
    apiAccessToken: p.text().nullable().lazy(),
    /** JWE; never leaves the server. */
    apiRefreshToken: p.text().nullable().lazy(),
    apiTokenExpiresAt: p.datetime().nullable(),
    apiTokenRefreshedAt: p.datetime().nullable(),
    apiTokenLastError: p.json<UpstreamFailure | null>().nullable(),
  },
});
export type EdxLink = InferEntity<typeof EdxLinkEntity>;

/** One step of a link's life: from, to, by whom and why. */
export const EdxLinkEventEntity = defineEntity({
  name: 'EdxLinkEvent',
  tableName: 'edx_link_event',
  properties: {
    id: baseProperties.id,
    edxLinkId: p.uuid(),
    at: p.datetime(),
    from: p.text().fieldName('from_state').nullable(),
    to: p.text().fieldName('to_state'),
    /** Null: the system itself. */
    actorId: p.uuid().nullable(),
    cause: p.text(),
    detail: p.json<Record<string, unknown> | null>().nullable(),
  },
});
export type EdxLinkEvent = InferEntity<typeof EdxLinkEventEntity>;
