import type { Adapter } from 'oidc-provider';
import type { ArtifactStore } from '../storage/artifact-store.js';
import type { Payload } from '../storage/payload.js';

const prefix = 'exchange';

/**
 * Names the grant that a client has by one token of another client: it stands for as long as that token and its own grant do.
 *
 * @param subjectStoredId - under which the token is stored
 */
export function exchangeGrantId(subjectStoredId: string, clientId: string): string {
  return [prefix, subjectStoredId, clientId].join(':');
}

/**
 * Has a grant by exchange end with the token that was exchanged, by whatever way that ends and in whatever process: each use
 * of a token looks for its grant, and here that looks for what it hangs on.
 */
export function endWithSubject(adapter: Adapter, store: Pick<ArtifactStore, 'findByKey'>): Adapter {
  const find = async (id: string): Promise<Payload | undefined> => {
    const [kind, subjectStoredId = ''] = id.split(':');
    if (kind !== prefix) return (await adapter.find(id)) ?? undefined;
    const subject = await store.findByKey('AccessToken', subjectStoredId);
    if (!subject?.grantId || !(await find(subject.grantId))) return undefined;
    return (await adapter.find(id)) ?? undefined;
  };
  return { ...adapter, find };
}
