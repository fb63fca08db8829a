import avro from 'avsc';
import { expect, test } from 'vitest';
import { eventSchemas } from '../../../src/event-bus/event-schemas.js';
import { readEvent, UnreadableMessageError } from '../../../src/event-bus/read-event.js';
import { recordedMessage, recordedMessages, recordedSchemas } from '../../support/recorded-events.js';

const courseKey = 'course-v1:edX+DemoX+Demo_Course';
const ada = { lmsUserId: 42, lmsUsername: 'ada' };

test('what the LMS wrote to a real Redis is read, each for what it is about', () => {
  expect(recordedMessages.map(readEvent)).toEqual([
    { about: 'user', user: ada },
    { about: 'enrollment', user: ada, courseKey },
    { about: 'enrollment', user: ada, courseKey },
    { about: 'enrollment', user: ada, courseKey },
    { about: 'grade', user: { lmsUserId: 42 }, courseKey },
    { about: 'certificate', user: ada, courseKey },
    { about: 'certificate', user: ada, courseKey },
    { about: 'certificate', user: ada, courseKey },
  ]);
});

test('the recorded bytes are those of our schemas, to the last one', () => {
  for (const { fields } of recordedMessages) {
    const type = fields.get('type')?.toString() ?? '';
    const data = fields.get('event_data') ?? Buffer.alloc(0);
    const schema = eventSchemas.get(type);
    expect(schema?.toBuffer(schema.fromBuffer(data))).toEqual(data);
  }
});

test.each(Object.keys(recordedSchemas))('our schema of %s says what that of the LMS says', (type) => {
  const theirs = avro.Type.forSchema(recordedSchemas[type] as avro.Schema, { registry: {} });
  expect(eventSchemas.get(type)?.fingerprint()).toEqual(theirs.fingerprint());
});

test('a message of a type that Portico has no use for is passed over, whatever is in it', () => {
  const message = recordedMessage('enrollment.created.v1');
  const type = Buffer.from('org.openedx.learning.forum.thread.created.v1');
  expect(readEvent({ ...message, fields: new Map([...message.fields, ['type', type]]) })).toBeUndefined();
});

test.each([
  ['cut off', (data: Buffer) => data.subarray(0, data.length - 3)],
  ['longer than its type is', (data: Buffer) => Buffer.concat([data, Buffer.from([1, 2, 3])])],
  ['not Avro at all', () => Buffer.from('{"user": 42}')],
  ['empty', () => Buffer.alloc(0)],
])('a message whose data is %s is unreadable', (_how, spoil) => {
  const message = recordedMessage('enrollment.created.v1');
  const data = spoil(message.fields.get('event_data') ?? Buffer.alloc(0));
  const spoiled = { ...message, fields: new Map([...message.fields, ['event_data', data]]) };
  expect(() => readEvent(spoiled)).toThrow(UnreadableMessageError);
});

test('a message without a type, or without data, is unreadable', () => {
  const message = recordedMessage('enrollment.created.v1');
  for (const missing of ['type', 'event_data']) {
    const fields = new Map([...message.fields].filter(([name]) => name !== missing));
    expect(() => readEvent({ ...message, fields })).toThrow(UnreadableMessageError);
  }
});

test('a change of a course in the catalogue names the course run', () => {
  const type = 'org.openedx.content_authoring.course.catalog_info.changed.v1';
  const schedule = { start: '2026-01-15T00:00:00+00:00', pacing: 'self', end: null };
  const data = eventSchemas.get(type)?.toBuffer({
    catalog_info: {
      course_key: courseKey,
      name: 'Demonstration',
      schedule_data: { ...schedule, enrollment_start: null, enrollment_end: null },
      hidden: false,
      invitation_only: false,
    },
  });
  const fields = new Map([
    ['type', Buffer.from(type)],
    ['event_data', data ?? Buffer.alloc(0)],
  ]);
  expect(readEvent({ topic: 'catalogue', entryId: '1-0', fields })).toEqual({ about: 'course-run', courseKey });
});
