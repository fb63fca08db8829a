import type { EventArgs, EventSubscriber, MikroORM } from '@mikro-orm/core';
import { type EdxLink, EdxLinkEntity, type EdxLinkState } from './edx-link.entity.js';
import { type Enrollment, EnrollmentEntity } from './enrollment.entity.js';

/** Told of what became of links and enrollments, once it is committed. */
export interface OutcomeListener {
  edxLinkMoved(fact: { edxLinkId: string; state: EdxLinkState }): void;
  /** It rests until somebody acts. */
  edxLinkFailed(fact: { edxLinkId: string; reason: string }): void;
  enrollmentFailed(fact: { enrollmentId: string; reason: string }): void;
}

const restingStates: ReadonlySet<EdxLinkState> = new Set(['CONFLICT', 'REJECTED']);

/**
 * Watches the rows that this process writes, so that whatever code moves a link or gives up an enrollment is heard of. What is
 * rolled back is not told.
 */
export function watchOutcomes(orm: MikroORM, listener: OutcomeListener): void {
  const untold = new WeakMap<object, (() => void)[]>();
  const later = (em: object, tell: () => void) => untold.set(em, [...(untold.get(em) ?? []), tell]);
  const tellAll = (em: object) => {
    const tellings = untold.get(em) ?? [];
    untold.delete(em);
    for (const tell of tellings) tell();
  };

  const onLink = ({ em, entity, changeSet }: EventArgs<EdxLink>) => {
    if (changeSet?.payload.state === undefined) return;
    const { id: edxLinkId, state, lastError } = entity;
    later(em, () => listener.edxLinkMoved({ edxLinkId, state }));
    if (restingStates.has(state))
      later(em, () => listener.edxLinkFailed({ edxLinkId, reason: lastError?.code ?? 'unknown' }));
  };
  const onEnrollment = ({ em, entity: { id, failedAt, lastError }, changeSet }: EventArgs<Enrollment>) => {
    if (changeSet?.payload.failedAt === undefined || !failedAt) return;
    later(em, () => listener.enrollmentFailed({ enrollmentId: id, reason: lastError?.code ?? 'unknown' }));
  };

  const links: EventSubscriber<EdxLink> = {
    getSubscribedEntities: () => [EdxLinkEntity],
    afterCreate: onLink,
    afterUpdate: onLink,
  };
  const enrollments: EventSubscriber<Enrollment> = {
    getSubscribedEntities: () => [EnrollmentEntity],
    afterUpdate: onEnrollment,
  };
  const commits: EventSubscriber = {
    afterFlush({ em }) {
      if (!em.isInTransaction()) tellAll(em);
    },
    afterTransactionCommit: ({ em }) => tellAll(em),
    afterTransactionRollback({ em }) {
      untold.delete(em);
    },
  };
  for (const subscriber of [links, enrollments, commits]) orm.em.getEventManager().registerSubscriber(subscriber);
}
