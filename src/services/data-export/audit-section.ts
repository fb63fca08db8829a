import type { EntityManager } from '@mikro-orm/postgresql';
import { type AuditEvent, AuditEventEntity } from '../../entities/audit-event.entity.js';

const pageSize = 500;

/**
 * Acts of and on an account, newest first, page by page. Who else acted, and from where, and on whom this person acted, is
 * theirs and not told.
 */
export async function* readAuditSection(em: EntityManager, accountId: string): AsyncGenerator<object> {
  for (let before: string | undefined; ; ) {
    const page: AuditEvent[] = await em.fork().find(
      AuditEventEntity,
      {
        $or: [{ subjectId: accountId }, { actorId: accountId }],
        ...(before !== undefined && { id: { $lt: before } }),
      },
      { orderBy: { id: 'desc' }, limit: pageSize },
    );
    for (const event of page) yield toOwnersView(event, accountId);
    before = page.at(-1)?.id;
    if (page.length < pageSize) return;
  }
}

function toOwnersView(event: AuditEvent, accountId: string): object {
  const { at, action, outcome, actorId, subjectId, clientId, address, detail } = event;
  const isOwn = actorId === accountId;
  const isByNobodyKnown = actorId == null;
  return {
    at,
    action,
    outcome,
    by: isOwn ? 'you' : isByNobodyKnown ? 'the system, or somebody who was not signed in' : 'staff',
    ...(subjectId !== accountId && { concerns: subjectId == null ? 'no account' : 'another account' }),
    clientId: clientId ?? null,
    address: isOwn || isByNobodyKnown ? (address ?? null) : null,
    detail: detail ?? null,
  };
}
