import type { ParkedReason } from '../entities/parked-event.entity.js';
import { DatabaseUnavailableError } from '../errors.js';
import type { Events } from '../events.js';
import type { LmsEvent } from '../services/lms-event/lms-event.js';
import type { LmsEvents } from '../services/lms-event/take-events.js';
import type { ParkedEvents } from '../services/parked-event/parked-event.service.js';
import type { BusMessage } from './bus-message.js';
import { readEvent } from './read-event.js';

export interface TakeMessagesDeps {
  lmsEvents: LmsEvents;
  parkedEvents: Pick<ParkedEvents, 'park'>;
  events: Pick<Events, 'busMessageTaken'>;
}

interface ReadMessage {
  message: BusMessage;
  event: LmsEvent;
}

/** Each alone, after all together could not be taken. */
const mostTries = 3;

/**
 * Takes messages: what they are about is stored, what cannot be read or taken is parked, what is of no use is passed over. When it
 * resolves nothing is left to do for any of them.
 *
 * @throws {@link DatabaseUnavailableError} then nothing may be forgotten, and the same messages are taken again later
 */
export async function takeMessages(deps: TakeMessagesDeps, messages: readonly BusMessage[]): Promise<void> {
  const readable: ReadMessage[] = [];
  for (const message of messages) {
    try {
      const event = readEvent(message);
      if (event) readable.push({ message, event });
      else tell(deps, message, 'ignored');
    } catch (error) {
      await park(deps, message, 'UNREADABLE', error);
    }
  }
  if (readable.length === 0) return;
  try {
    await deps.lmsEvents.take(readable.map(({ event }) => event));
    for (const { message } of readable) tell(deps, message, 'taken');
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) throw error;
    // One of them spoils it for all.
    for (const each of readable) await takeAlone(deps, each);
  }
}

/** Out of the way, for a person to look at. */
export async function park(
  deps: Pick<TakeMessagesDeps, 'parkedEvents' | 'events'>,
  message: BusMessage,
  reason: ParkedReason,
  error: unknown,
): Promise<void> {
  await deps.parkedEvents.park(message, reason, error instanceof Error ? error.message : 'It failed.');
  tell(deps, message, 'parked');
}

async function takeAlone(deps: TakeMessagesDeps, { message, event }: ReadMessage): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await deps.lmsEvents.take([event]);
      return tell(deps, message, 'taken');
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) throw error;
      if (tries >= mostTries) return park(deps, message, 'FAILED', error);
    }
  }
}

function tell(
  { events }: Pick<TakeMessagesDeps, 'events'>,
  { fields }: BusMessage,
  outcome: 'taken' | 'ignored' | 'parked',
): void {
  events.busMessageTaken({ type: fields.get('type')?.toString() ?? 'none', outcome });
}
