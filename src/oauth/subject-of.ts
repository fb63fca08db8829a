import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import type { Subjects } from './storage/subjects.js';

/** How a client knows a person: the `sub` of everything that it is told. */
export type SubjectOf = (accountId: string, clientId: string) => Promise<string>;

/**
 * The name of a person for a client with pairwise names: the same for all clients of its sector, for ever, and comparable with
 * no other. The sector's own prefix keeps hosts apart from the sectors that have names.
 */
export function pairwiseSubject(subjects: Subjects, accountId: string, client: Client): Promise<string> {
  return subjects.subjectOf(accountId, `host:${client.sectorIdentifier}`);
}

export function createSubjectOf(currentProvider: () => Provider, subjects: Subjects): SubjectOf {
  return async (accountId, clientId) => {
    const client = await currentProvider().Client.find(clientId);
    return client?.subjectType === 'pairwise' ? pairwiseSubject(subjects, accountId, client) : accountId;
  };
}
