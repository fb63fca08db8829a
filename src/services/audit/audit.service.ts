import type { EntityManager, FilterQuery, MikroORM } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../../clock.js';
import { type AuditEvent, AuditEventEntity } from '../../entities/audit-event.entity.js';
import type { Logger } from '../../logger.js';
import type { Actor } from '../actor.js';
import { createGroupedWrites } from '../grouped-writes.js';
import { findNewestPage, type Page, type PageRequest } from '../keyset.js';
import { insertActs } from './insert-acts.js';

/** Every kind of act that is kept. */
export type AuditAction =
  | 'sign-in'
  | 'sign-out'
  | 'session.revoked'
  | 'sessions.revoked'
  | 'authorization'
  | 'code.issued'
  | 'token.issued'
  | 'token.revoked'
  | 'refresh-token.reused'
  | 'introspection'
  | 'consent.given'
  | 'consent.revoked'
  | 'client.created'
  | 'client.changed'
  | 'client.secret-rotated'
  | 'client.secret-revoked'
  | 'client.restricted'
  | 'client.unrestricted'
  | 'client.provider-granted'
  | 'client.provider-revoked'
  | 'client.tokens-revoked'
  | 'client.deleted'
  | 'signing-key.created'
  | 'signing-key.activated'
  | 'signing-key.retired'
  | 'account.created'
  | 'account.changed'
  | 'account.email-confirmed'
  | 'account.email-change-requested'
  | 'account.email-change-stopped'
  | 'account.email-changed'
  | 'account.email-blocked'
  | 'account.email-unblocked'
  | 'account.password-changed'
  | 'account.status-changed'
  | 'account.export-requested'
  | 'account.export-downloaded'
  | 'account.deletion-requested'
  | 'account.deletion-canceled'
  | 'account.retired'
  | 'second-factor.added'
  | 'second-factor.checked'
  | 'second-factor.codes-renewed'
  | 'second-factor.removed'
  | 'second-factor.suspended'
  | 'learner.linked'
  | 'learner.relinked'
  | 'learner.unlinked'
  | 'learner.key-corrected'
  | 'learners.expired'
  | 'program.linked'
  | 'program.unlinked'
  | 'jobs.replayed'
  | 'events.replayed'
  | 'organization.created'
  | 'organization.changed'
  | 'identity-provider.created'
  | 'identity-provider.changed'
  | 'identity-provider.deleted'
  | 'identity.linked'
  | 'identity.unlinked'
  | 'identity.refused'
  | 'identity.key-refused'
  | 'partner.granted'
  | 'partner.invited'
  | 'partner.revoked'
  | 'operation.canceled'
  | 'operation.downloaded'
  | 'operation.retried'
  | 'report.downloaded';

export type { AuditEvent };

export interface AuditRecord {
  action: AuditAction;
  /** `success`, or a stable word for the failure, e.g. `refused`. */
  outcome: string;
  actor: Actor;
  /** The account that the act concerns; the actor when left out, null when it concerns none. */
  subjectId?: string | null;
  /** More about the act: ids, names, scopes, error codes. Never a secret, token, code or password. */
  detail?: Record<string, unknown>;
}

/** Which acts: all that is given must hold. */
export interface AuditFilter {
  /** Acts of or on this account. */
  accountId?: string | undefined;
  actorId?: string | undefined;
  subjectId?: string | undefined;
  /** `client_id` of the client that was used. */
  clientId?: string | undefined;
  actions?: readonly string[] | undefined;
  outcome?: string | undefined;
  /** From then on. */
  since?: Date | undefined;
  /** Before then. */
  until?: Date | undefined;
}

/** The record of security-relevant acts. Append only. */
export interface AuditService {
  /**
   * Keeps one act. It is stored when this answers.
   *
   * @param tx - the transaction of the act, so that both are kept or neither is; without it the record stands alone, and
   * failing to keep it is logged and does not undo what was done
   */
  record(record: AuditRecord, tx?: EntityManager): Promise<void>;
  /** The row of an act, for whoever stores it in one statement with what was done; see `insertActs`. */
  draft(record: AuditRecord): AuditEvent;
  /** To be called when drafts were stored. */
  noteStored(): void;
  findByIds(ids: readonly string[]): Promise<AuditEvent[]>;
  /** Newest first. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEvent>>;
}

export function createAuditService({
  orm,
  clock,
  logger,
  onRecorded = () => {},
}: {
  orm: MikroORM;
  clock: Clock;
  logger: Logger;
  /** Called when there are new acts; those of a transaction are not committed yet. */
  onRecorded?: () => void;
}): AuditService {
  const store = createGroupedWrites<AuditEvent>({
    write: async (events) => {
      // Past the entity manager, which would make the statement anew each time.
      const pool = await orm.em.getDriver().getConnection().getNativeClient();
      await pool.query({ name: 'audit_event_insert_many', text: insertActs('$1'), values: [JSON.stringify(events)] });
    },
  });

  return {
    async record(record, tx) {
      const event = toEvent(record, clock());
      if (tx) {
        await tx.insert(AuditEventEntity, event);
        onRecorded();
        return;
      }
      try {
        await store(event);
        onRecorded();
      } catch (error) {
        logger.error({ err: error, action: event.action }, 'an act was not recorded');
      }
    },
    draft: (record) => toEvent(record, clock()),
    noteStored: onRecorded,
    findByIds: (ids) => orm.em.fork().find(AuditEventEntity, { id: { $in: [...ids] } }),
    list: (filter, page) => findNewestPage(orm.em.fork(), AuditEventEntity, whereOf(filter), page),
  };
}

function whereOf(filter: AuditFilter): FilterQuery<AuditEvent> {
  const { accountId, actorId, subjectId, clientId, actions, outcome, since, until } = filter;
  return {
    ...(accountId !== undefined && { $or: [{ subjectId: accountId }, { actorId: accountId }] }),
    ...(actorId !== undefined && { actorId }),
    ...(subjectId !== undefined && { subjectId }),
    ...(clientId !== undefined && { clientId }),
    ...(actions && { action: { $in: [...actions] } }),
    ...(outcome !== undefined && { outcome }),
    ...((since ?? until) && { at: { ...(since && { $gte: since }), ...(until && { $lt: until }) } }),
  };
}

function toEvent({ action, outcome, actor, subjectId, detail }: AuditRecord, at: Date): AuditEvent {
  return {
    id: uuidv7(),
    at,
    action,
    outcome,
    actorId: actor.accountId,
    clientId: actor.clientId ?? null,
    subjectId: subjectId === undefined ? actor.accountId : subjectId,
    address: actor.address ?? null,
    detail: detail ?? null,
  };
}
