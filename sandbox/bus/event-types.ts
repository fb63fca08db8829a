/** Fields of the LMS's event records in the order in which they are written. */
const user = record('UserData', {
  id: 'long',
  is_active: 'boolean',
  pii: record('UserPersonalData', { username: 'string', email: 'string', name: 'string' }),
});
const moment = ['null', 'string'];
const course = record('CourseData', { course_key: 'string', display_name: 'string', start: moment, end: moment });
const enrollment = record('CourseEnrollmentData', {
  user,
  course,
  mode: 'string',
  is_active: 'boolean',
  creation_date: 'string',
  created_by: ['null', 'UserData'],
});
const grade = record('PersistentCourseGradeData', {
  user_id: 'long',
  course,
  course_edited_timestamp: 'string',
  course_version: 'string',
  grading_policy_hash: 'string',
  percent_grade: 'double',
  letter_grade: 'string',
  passed_timestamp: 'string',
});
const certificate = record('CertificateData', {
  user,
  course,
  mode: 'string',
  grade: 'string',
  download_url: 'string',
  name: 'string',
  current_status: 'string',
  previous_status: 'string',
});
const catalogInfo = record('CourseCatalogData', {
  course_key: 'string',
  name: 'string',
  schedule_data: record('CourseScheduleData', {
    start: 'string',
    pacing: 'string',
    end: moment,
    enrollment_start: moment,
    enrollment_end: moment,
  }),
  hidden: 'boolean',
  invitation_only: 'boolean',
});

/** Every event that the sandbox publishes: the member of its payload, and how that is written. */
export const EVENT_TYPES = {
  'org.openedx.learning.student.registration.completed.v1': { user },
  'org.openedx.learning.course.enrollment.created.v1': { enrollment },
  'org.openedx.learning.course.enrollment.changed.v1': { enrollment },
  'org.openedx.learning.course.unenrollment.completed.v1': { enrollment },
  'org.openedx.learning.course.persistent_grade_summary.changed.v1': { grade },
  'org.openedx.learning.certificate.created.v1': { certificate },
  'org.openedx.learning.certificate.changed.v1': { certificate },
  'org.openedx.learning.certificate.revoked.v1': { certificate },
  'org.openedx.content_authoring.course.catalog_info.changed.v1': { catalog_info: catalogInfo },
} as const;

export type EventType = keyof typeof EVENT_TYPES;

function record(name: string, fields: Readonly<Record<string, unknown>>) {
  return { type: 'record', name, fields: Object.entries(fields).map(([name, type]) => ({ name, type })) };
}
