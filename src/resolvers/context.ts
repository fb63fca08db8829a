import type { Viewer } from '../access/viewer.js';
import type { LearningLoaders } from '../datasources/learning-loaders.js';
import type { LearningReads } from '../datasources/learning-reads.js';
import type { Actor } from '../services/actor.js';
import type { GraphServices } from './services.js';
import { createStoredRows, type StoredRows } from './stored-rows.js';
import type { ChangeTopics } from './subscription/change-topics.js';

/**
 * What resolvers work with: one for each request, and one for each event of a subscription, so that nothing read for one is
 * served to the next.
 */
export interface GraphContext {
  readonly viewer: Viewer;
  /** Who acts, as history and audit keep it. */
  readonly actor: Actor;
  readonly requestId: string;
  readonly services: GraphServices;
  /** Rows of our own database, batched. */
  readonly stored: StoredRows;
  /** What the LMS says, batched and cached. */
  readonly learning: LearningLoaders;
  readonly topics: ChangeTopics;
}

export interface GraphRequest {
  viewer: Viewer;
  requestId: string;
  /** Network address of the caller. */
  address: string | null;
}

export type CreateGraphContext = (request: GraphRequest) => GraphContext;

interface ContextMakers {
  services: GraphServices;
  learningReads: Pick<LearningReads, 'forRequest'>;
  topics: ChangeTopics;
}

/**
 * The context of one request. Loaders are dozens of objects, and many a request needs none, so they are made when somebody
 * reads. Apollo copies the members of a context, which would call getters of an object without a class.
 */
class RequestContext implements GraphContext {
  readonly viewer: Viewer;
  readonly actor: Actor;
  readonly requestId: string;
  readonly services: GraphServices;
  readonly topics: ChangeTopics;
  protected readonly learningReads: Pick<LearningReads, 'forRequest'>;
  protected madeStored: StoredRows | undefined;
  protected madeLearning: LearningLoaders | undefined;

  constructor({ services, learningReads, topics }: ContextMakers, { viewer, requestId, address }: GraphRequest) {
    this.viewer = viewer;
    this.actor = {
      accountId: viewer.account?.id ?? null,
      clientId: viewer.clientId ?? null,
      address,
      roles: viewer.roles,
    };
    this.requestId = requestId;
    this.services = services;
    this.topics = topics;
    this.learningReads = learningReads;
  }

  get stored(): StoredRows {
    this.madeStored ??= createStoredRows(this.services);
    return this.madeStored;
  }

  get learning(): LearningLoaders {
    this.madeLearning ??= this.learningReads.forRequest({
      purpose: 'request',
      priority: this.viewer.roles.has('STAFF') ? 'staff' : 'viewer',
    });
    return this.madeLearning;
  }
}

/** Makes the maker of contexts from what lives as long as the process. */
export function createGraphContexts(makers: ContextMakers): CreateGraphContext {
  return (request) => new RequestContext(makers, request);
}
