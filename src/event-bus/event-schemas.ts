import avro from 'avsc';

const text = 'string';
const optionalText = ['null', 'string'];

const record = (name: string, fields: readonly [name: string, type: unknown][]) => ({
  type: 'record',
  name,
  fields: fields.map(([name, type]) => ({ name, type })),
});

const personalData = record('UserPersonalData', [
  ['username', text],
  ['email', text],
  ['name', text],
]);
const user = record('UserData', [
  ['id', 'long'],
  ['is_active', 'boolean'],
  ['pii', personalData],
]);
const course = record('CourseData', [
  ['course_key', text],
  ['display_name', text],
  ['start', optionalText],
  ['end', optionalText],
]);
const enrollment = record('CourseEnrollmentData', [
  ['user', user],
  ['course', course],
  ['mode', text],
  ['is_active', 'boolean'],
  ['creation_date', text],
  // A record that comes again is named, not repeated.
  ['created_by', ['null', 'UserData']],
]);
const certificate = record('CertificateData', [
  ['user', user],
  ['course', course],
  ...['mode', 'grade', 'download_url', 'name', 'current_status', 'previous_status'].map((name): [string, unknown] => [
    name,
    text,
  ]),
]);
const grade = record('PersistentCourseGradeData', [
  ['user_id', 'long'],
  ['course', course],
  ['course_edited_timestamp', text],
  ['course_version', text],
  ['grading_policy_hash', text],
  ['percent_grade', 'double'],
  ['letter_grade', text],
  ['passed_timestamp', text],
]);
const passingStatus = record('CoursePassingStatusData', [
  ['is_passing', 'boolean'],
  ['course', course],
  ['user', user],
]);
const catalogInfo = record('CourseCatalogData', [
  ['course_key', text],
  ['name', text],
  [
    'schedule_data',
    record('CourseScheduleData', [
      ['start', text],
      ['pacing', text],
      ['end', optionalText],
      ['enrollment_start', optionalText],
      ['enrollment_end', optionalText],
    ]),
  ],
  ['hidden', 'boolean'],
  ['invitation_only', 'boolean'],
]);

/** The one member of each event's payload, by the event's type. */
const payloads: readonly [type: string, member: string, schema: unknown][] = [
  ['org.openedx.learning.student.registration.completed.v1', 'user', user],
  ['org.openedx.learning.course.enrollment.created.v1', 'enrollment', enrollment],
  ['org.openedx.learning.course.enrollment.changed.v1', 'enrollment', enrollment],
  ['org.openedx.learning.course.unenrollment.completed.v1', 'enrollment', enrollment],
  ['org.openedx.learning.course.persistent_grade_summary.changed.v1', 'grade', grade],
  ['org.openedx.learning.course.passing.status.updated.v1', 'course_passing_status', passingStatus],
  ['org.openedx.learning.certificate.created.v1', 'certificate', certificate],
  ['org.openedx.learning.certificate.changed.v1', 'certificate', certificate],
  ['org.openedx.learning.certificate.revoked.v1', 'certificate', certificate],
  ['org.openedx.content_authoring.course.catalog_info.changed.v1', 'catalog_info', catalogInfo],
];

/**
 * How the payloads of the Open edX events that Portico knows are written, by event type. They come as bare Avro, without a schema
 * or its id, so that both sides must hold the same one.
 */
export const eventSchemas: ReadonlyMap<string, avro.Type> = new Map(
  payloads.map(([type, member, schema]) => [
    type,
    avro.Type.forSchema({
      type: 'record',
      name: 'CloudEvent',
      namespace: type,
      fields: [{ name: member, type: schema as avro.Schema }],
    }),
  ]),
);
