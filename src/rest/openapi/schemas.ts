import { type TSchema, Type } from 'typebox';

/** What the REST API takes and answers, as the components of its document. TypeBox's types are JSON Schema, as OpenAPI 3.1 is. */

const nullable = (schema: TSchema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
const text = (description: string) => Type.String({ description });
const address = (description: string) => Type.String({ description, format: 'uri' });
const moment = (description: string) => Type.String({ description, format: 'date-time' });
/** By name, among the components. */
export const ref = (name: string) => Type.Unsafe({ $ref: `#/components/schemas/${name}` });

const Program = Type.Object({
  program_key: text('Its key at Portico and at the partner.'),
  program_title: text('Its title at Discovery; the key where it has none.'),
  program_url: nullable(Type.String(), 'Its page, for people.'),
  program_type: nullable(Type.String(), 'E.g. Masters.'),
  permissions: Type.Array(Type.String(), {
    description: 'What the caller may do: read_metadata, read_enrollments, write_enrollments, read_reports.',
  }),
});

const CourseRun = Type.Object({
  course_id: text('Key of the run at the LMS.'),
  external_course_key: nullable(Type.String(), 'Key of the run at the partner.'),
  course_title: nullable(Type.String()),
  course_url: nullable(Type.String(), 'Its page, for people.'),
});

const status = Type.String({
  description: 'The status that the enrollment is to have.',
  examples: ['enrolled', 'pending'],
});
const studentKey = Type.String({ description: 'Key of the learner at the partner.', examples: ['student-1001'] });

const problem = Type.Object({
  code: Type.String({ description: 'For programs, e.g. NOT_FOUND.' }),
  message: Type.String({ description: 'For people: what is wrong, and what would be right.' }),
  requestId: Type.Optional(Type.String({ description: 'Finds the request in the log.' })),
});

export const schemas: Readonly<Record<string, TSchema>> = {
  Program,
  ProgramPage: Type.Object({
    count: Type.Integer({ minimum: 0, description: 'Of the whole list.' }),
    next: nullable(Type.String({ format: 'uri' })),
    previous: nullable(Type.String({ format: 'uri' })),
    results: Type.Array(ref('Program')),
  }),
  CourseRun,
  ProgramEnrollmentRows: Type.Array(Type.Object({ student_key: studentKey, status }), {
    maxItems: 25,
    examples: [[{ student_key: 'student-1001', status: 'enrolled' }]],
  }),
  CourseEnrollmentRows: Type.Array(
    Type.Object({
      student_key: studentKey,
      status,
      course_staff: Type.Optional(nullable(Type.Boolean(), 'Whether the learner is staff of the run.')),
    }),
    { maxItems: 25, examples: [[{ student_key: 'student-1001', status: 'active' }]] },
  ),
  RowWords: Type.Record(Type.String(), Type.String(), {
    description: 'For each key the status that was written, or the word for what stands against it, e.g. duplicated.',
    examples: [{ 'student-1001': 'enrolled', 'student-1002': 'duplicated' }],
  }),
  StartedJob: Type.Object({ job_id: text('Of the job.'), job_url: address('Where it is asked for.') }),
  Job: Type.Object({
    job_id: text('Of the job.'),
    name: text('Program and task.'),
    created: moment('When it was asked for.'),
    state: Type.Enum(['Pending', 'In Progress', 'Retrying', 'Succeeded', 'Failed', 'Canceled']),
    result: nullable(
      Type.String({ format: 'uri' }),
      'Its file, at an address that is good for minutes; each read gives a fresh one.',
    ),
    text: nullable(Type.String(), 'Of writes: how the rows fared, as a status of HTTP.'),
  }),
  Report: Type.Object({
    name: text('Name of the file.'),
    created_date: Type.String({ description: 'The day that its name tells.', format: 'date' }),
    download_url: address('Where it can be had without credentials, for minutes; each read gives a fresh one.'),
  }),
  Mapping: Type.Object({
    count: Type.Integer({ minimum: 0 }),
    num_pages: Type.Integer({ minimum: 1 }),
    current_page: Type.Integer({ minimum: 1 }),
    start: Type.Integer({ minimum: 0 }),
    next: nullable(Type.String({ format: 'uri' })),
    previous: nullable(Type.String({ format: 'uri' })),
    page: Type.Integer({ minimum: 1 }),
    page_size: Type.Integer({ minimum: 1 }),
    results: Type.Array(Type.Object({ username: text('In the LMS.'), remote_id: text('At the provider.') })),
  }),
  User: Type.Object({
    id: Type.String(),
    username: text('Never changes.'),
    email: Type.String(),
    name: Type.String(),
    global_id: Type.String(),
    legal_address: Type.Object({ country: Type.String(), first_name: Type.String(), last_name: Type.String() }),
    user_profile: Type.Object({
      gender: nullable(Type.String()),
      year_of_birth: nullable(Type.Integer()),
      company: Type.String(),
      job_title: Type.String(),
    }),
    is_anonymous: Type.Boolean(),
    is_authenticated: Type.Boolean(),
    is_staff: Type.Boolean(),
    is_superuser: Type.Boolean(),
    is_active: Type.Boolean(),
    created_on: moment('When the account was made.'),
    updated_on: moment('When it last changed.'),
  }),
  Upload: Type.Object({
    uploadId: text('For the upload mutations of the graph.'),
    sizeBytes: Type.Integer({ minimum: 0 }),
    expiresAt: moment('When it is forgotten, if it was not used.'),
  }),
  Announcement: Type.Object({
    email: Type.String({ minLength: 3, maxLength: 320, description: 'Of the learner.', examples: ['ada@example.org'] }),
    course_id: Type.String({ minLength: 1, maxLength: 255, examples: ['course-v1:DemoU+CS101+2026'] }),
    role: Type.Optional(nullable(Type.String(), 'Why, e.g. staff; changes nothing.')),
  }),
  AnnouncedEnrollment: Type.Object({
    message: Type.String(),
    enrollment_id: Type.String(),
    active: Type.Boolean(),
    edx_enrolled: Type.Boolean(),
  }),
  Message: Type.Object({ message: Type.String() }),
  Detail: Type.Object({ detail: Type.String() }, { description: 'An error, as services of Open edX tell it.' }),
  Text: Type.String({ description: 'An error, as the Registrar tells it.' }),
  Texts: Type.Array(Type.String(), { description: 'What cannot be used in a body, as the Registrar tells it.' }),
  BadToken: Type.Object({ error_code: Type.String(), developer_message: Type.String() }),
  OAuthError: Type.Object({ error: Type.String(), error_description: Type.Optional(Type.String()) }),
  Problem: Type.Object({ error: problem }, { description: 'An error, as Portico tells it.' }),
};
