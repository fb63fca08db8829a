import type { Viewer } from '../access/viewer.js';
import type { LearningLoaders } from '../datasources/learning-loaders.js';
import type { LearningReads } from '../datasources/learning-reads.js';
import type { OwnUser } from '../datasources/own-enrollments.js';
import type { OwnerRows } from '../services/account/owner-rows.js';
import type { Actor } from '../services/actor.js';
import type { AccessContext } from './access/ownership.js';
import { createProgramRows, type ProgramRows } from './program/program-rows.js';
import type { GraphServices } from './services.js';
import { createStoredRows, type StoredRows } from './stored-rows.js';
import type { ChangeTopics } from './subscription/change-topics.js';

/**
 * What resolvers work with: one for each request, and one for each event of a subscription, so that nothing read for one is
 * served to the next.
 */
export interface GraphContext extends AccessContext {
  readonly viewer: Viewer;
  /** Who acts, as history and audit keep it. */
  readonly actor: Actor;
  readonly requestId: string;
  /** Rows about the viewer, where they were read for this request. */
  readonly owner: OwnerRows | undefined;
  readonly services: GraphServices;
  /** Rows of our own database, batched. */
  readonly stored: StoredRows;
  /** Programs and their learners, with what the viewer may do with each. */
  readonly programs: ProgramRows;
  /** What the LMS says, batched and cached. */
  readonly learning: LearningLoaders;
  readonly topics: ChangeTopics;
}

export interface GraphRequest {
  viewer: Viewer;
  /** Rows about the viewer, where they were read with the token. */
  owner?: OwnerRows | undefined;
  requestId: string;
  /** Network address of the caller. */
  address: string | null;
}

export type CreateGraphContext = (request: GraphRequest) => GraphContext;

/** Makes the maker of contexts from what lives as long as the process. */
export function createGraphContexts({
  services,
  learningReads,
  findOwn,
  topics,
}: {
  services: GraphServices;
  learningReads: Pick<LearningReads, 'forRequest'>;
  /** The LMS user of an account, with a token of theirs that is good now. */
  findOwn: (accountId: string) => Promise<OwnUser | undefined>;
  topics: ChangeTopics;
}): CreateGraphContext {
  return ({ viewer, owner, requestId, address }) => ({
    viewer,
    owner: owner?.account.id === viewer.account?.id ? owner : undefined,
    actor: {
      accountId: viewer.account?.id ?? null,
      clientId: viewer.clientId ?? null,
      address,
      roles: viewer.roles,
    },
    requestId,
    services,
    stored: createStoredRows(services),
    programs: createProgramRows(services, viewer),
    learning: learningReads.forRequest(
      { purpose: 'request', priority: viewer.roles.has('STAFF') ? 'staff' : 'viewer' },
      async () => viewer.account && findOwn(viewer.account.id),
    ),
    topics,
  });
}
