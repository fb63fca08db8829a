import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { ParkedEvent, ParkedReason } from '../../entities/parked-event.entity.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { describeEnum } from '../describe-enum.js';
import { toGlobalId } from '../global-id.js';
import { connectionOf } from '../page/connection.type.js';
import { UserError } from '../user-error.type.js';

export const parkedEventAccess: FieldAccess = { scope: 'operations:admin', role: 'SUPPORT' };

const ParkedReasonEnum = describeEnum<ParkedReason>('ParkedReason', 'Why a message of the event bus was parked.', {
  UNREADABLE: 'It is not written as its type is; an LMS that is newer than Portico may write it otherwise.',
  FAILED: 'What it is about could not be stored, although it was tried several times.',
  DELIVERED_TOO_OFTEN: 'Many processes were given it and none finished it.',
});

@Access(parkedEventAccess)
@ObjectType('ParkedEvent', {
  description: 'A message of the event bus that could not be taken. What it says is kept sealed, and not shown.',
  simpleResolvers: true,
})
export class ParkedEventType {
  @Field(() => ID, { description: 'For `replayParkedEvents`.' })
  id!: string;

  @Field(() => String, { description: 'Stream that it came on.' })
  topic!: string;

  @Field(() => String, { description: 'Its place in the stream.' })
  entryId!: string;

  @Field(() => String, { nullable: true, description: 'As its producer numbered it.' })
  eventId!: string | null;

  @Field(() => String, { nullable: true, description: 'Event type, e.g. org.openedx.learning.certificate.created.v1.' })
  type!: string | null;

  @Field(() => ParkedReasonEnum, { description: 'Why it was parked.' })
  reason!: ParkedReason;

  @Field(() => String, { description: 'What went wrong when it was last tried, for a person.' })
  detail!: string;

  @Field(() => Date, { description: 'Since when it waits.' })
  parkedAt!: Date;
}

export const ParkedEventConnection = connectionOf(ParkedEventType, 'ParkedEvent', 'parked messages');

@InputType('ReplayParkedEventsInput', { description: 'Which parked messages are to be taken once more.' })
export class ReplayParkedEventsInput {
  @Field(() => [ID], { description: 'At most 100 of them.' })
  ids!: string[];
}

@Access()
@ObjectType('ReplayParkedEventsPayload', { description: 'What came of replayParkedEvents.', simpleResolvers: true })
export class ReplayParkedEventsPayload {
  @Field(() => [ID], { description: 'Those that were taken, and are parked no longer.' })
  replayed!: string[];

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}

export function toParkedEvent(row: ParkedEvent): ParkedEventType {
  const { topic, entryId, eventId, type, reason, detail, createdAt } = row;
  return {
    id: toGlobalId('ParkedEvent', row.id),
    topic,
    entryId,
    eventId: eventId ?? null,
    type: type ?? null,
    reason,
    detail,
    parkedAt: createdAt,
  };
}
