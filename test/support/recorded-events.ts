import { readFileSync } from 'node:fs';
import type { BusMessage } from '../../src/event-bus/bus-message.js';

interface Recording {
  entries: { stream: string; entry: string; fields: Record<string, string>; event_data_base64: string }[];
  avro_schemas: Record<string, unknown>;
}

const recording: Recording = JSON.parse(
  readFileSync(new URL('../fixtures/transcripts/event-bus.json', import.meta.url), 'utf8'),
);

/** The entries that the LMS's own producer wrote to a real Redis. */
export const recordedMessages: readonly BusMessage[] = recording.entries.map(
  ({ stream, entry, fields, event_data_base64 }) => ({
    topic: stream,
    entryId: entry,
    fields: new Map([
      ...Object.entries(fields).map(([name, value]): [string, Buffer] => [name, Buffer.from(value)]),
      ['event_data', Buffer.from(event_data_base64, 'base64')] as const,
    ]),
  }),
);

/** Avro schemas of the LMS, by event type. */
export const recordedSchemas = recording.avro_schemas;

/** The first recorded message of a type, by the end of its name. */
export function recordedMessage(type: string): BusMessage {
  const found = recordedMessages.find(({ fields }) => fields.get('type')?.toString().endsWith(type));
  if (!found) throw new Error(`no ${type} was recorded`);
  return found;
}
