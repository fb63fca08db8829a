import avro from 'avsc';
import { EVENT_TYPES, type EventType } from './event-types.js';

/** What one event is on the wire: eight fields, in order. */
export type EventEntry = readonly (readonly [name: string, value: string | Buffer])[];

const encoders = new Map(
  Object.entries(EVENT_TYPES).map(([type, members]) => [
    type,
    avro.Type.forSchema({
      type: 'record',
      name: 'CloudEvent',
      namespace: type,
      fields: Object.entries(members).map(([name, schema]) => ({ name, type: schema as avro.Schema })),
    }),
  ]),
);

/**
 * Writes an event as the LMS's producer for Redis does.
 *
 * @throws when the payload is not as the type wants it: the LMS then logs the error, and nothing is published
 */
export function writeEvent(type: EventType, payload: Readonly<Record<string, unknown>>, now: Date): EventEntry {
  const encoder = encoders.get(type);
  if (encoder === undefined) throw new Error(`there is no event ${type}`);
  return [
    ['type', type],
    ['id', crypto.randomUUID()],
    ['source', 'openedx/lms/web'],
    ['time', writeMoment(now)],
    ['minorversion', '0'],
    ['sourcehost', 'sandbox'],
    ['sourcelib', '10.5.0'],
    ['event_data', encoder.toBuffer(payload)],
  ];
}

/** As Python's `isoformat()` does. */
export function writeMoment(moment: Date): string {
  return moment.toISOString().replace(/\.000Z$|Z$/, '+00:00');
}
