import { Pool } from 'undici';
import { parseCertificates } from '../../src/datasources/lms/certificates.wire.js';
import { parseCoursePage, parseCourseRows } from '../../src/datasources/lms/courses.wire.js';
import { parseEnrollmentPage } from '../../src/datasources/lms/enrollments.wire.js';
import { parseGrades } from '../../src/datasources/lms/grades.wire.js';

export interface LmsAccess {
  /** Without trailing slash. */
  lmsUrl: string;
  /** Value of the `Authorization` header of the service worker. */
  authorization: string;
  workerUsername: string;
}

/** As many connections as Portico opens. */
const connections = 12;

/** The calls of one learner's dashboard, with Portico's pool settings and parsers, and nothing else. */
export function openLms({ lmsUrl, authorization, workerUsername }: LmsAccess) {
  const pool = new Pool(lmsUrl, {
    connections,
    pipelining: 1,
    keepAliveTimeout: 4000,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const get = async (path: string): Promise<unknown> => {
    const { statusCode, body } = await pool.request({
      method: 'GET',
      path,
      headers: { authorization, accept: 'application/json' },
    });
    const answer = await body.text();
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${answer}`);
    return JSON.parse(answer);
  };
  return {
    /** Two round trips: what the learner takes part in, then all about it at once. */
    async dashboardOf(username: string) {
      const name = encodeURIComponent(username);
      const { results } = parseEnrollmentPage(
        await get(`/api/enrollment/v1/enrollments/?username=${name}&page_size=100`),
      );
      const keys = results.map((row) => encodeURIComponent(row.course_id));
      const [courses, certificates, ...grades] = await Promise.all([
        get(`/api/courses/v1/courses/?course_keys=${keys.join(',')}&username=${workerUsername}&page_size=100`),
        get(`/api/certificates/v0/certificates/${name}/`),
        ...keys.map((key) => get(`/api/grades/v1/courses/${key}/?username=${name}`)),
      ]);
      const { rows } = parseCourseRows(parseCoursePage(courses).results);
      const byKey = new Map(rows.map((course) => [course.course_id, course]));
      const earned = new Map(parseCertificates(certificates).map((row) => [row.course_id, row]));
      return {
        username,
        enrollments: results.map((row, at) => {
          const course = byKey.get(row.course_id);
          const [grade] = parseGrades(grades[at]);
          const certificate = earned.get(row.course_id);
          return {
            mode: row.mode,
            isActive: row.is_active,
            courseRun: { courseKey: row.course_id, title: course?.name, start: course?.start, end: course?.end },
            grade: grade && { percent: grade.percent, letterGrade: grade.letter_grade, passed: grade.passed },
            certificate: certificate && { status: certificate.status, downloadUrl: certificate.download_url },
          };
        }),
      };
    },
    close: () => pool.destroy(),
  };
}
