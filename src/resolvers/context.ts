import type { Viewer } from '../access/viewer.js';
import type { Actor } from '../services/actor.js';
import type { GraphServices } from './services.js';
import type { StoredRows } from './stored-rows.js';

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
}
