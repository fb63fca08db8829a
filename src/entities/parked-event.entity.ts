import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { baseProperties } from './base.js';

export const parkedReasons = ['UNREADABLE', 'FAILED', 'DELIVERED_TOO_OFTEN'] as const;
export type ParkedReason = (typeof parkedReasons)[number];

/** A message of the event bus that could not be taken: out of the way of the others, and kept for a person to look at. */
export const ParkedEventEntity = defineEntity({
  name: 'ParkedEvent',
  tableName: 'parked_event',
  properties: {
    ...baseProperties,
    /** Stream, with its prefix. */
    topic: p.text(),
    /** Of the stream. */
    entryId: p.text(),
    /** As its producer numbered it, when that can be read. */
    eventId: p.text().nullable(),
    type: p.text().nullable(),
    reason: p.enum(parkedReasons).$type<ParkedReason>(),
    /** What went wrong, for a person. */
    detail: p.text(),
    /** The whole message as JWE, since it names a person. */
    sealed: p.text().lazy(),
  },
});
export type ParkedEvent = InferEntity<typeof ParkedEventEntity>;
