import { type Answer, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { AnswerNow, permissionDenied } from '../http/errors.js';
import { apiView, LmsCrash, type View } from '../http/view.js';
import { compareInstants } from '../instant.js';
import type { Lms } from '../lms.js';
import type { Certificate } from '../rows.js';
import { isCallerStaff, requireStaffOrSelf } from './access.js';
import { isCourseKey } from './course-key.js';

const BASE = '/api/certificates/v0/certificates';
const PASSING = ['downloadable', 'generating'];
/** Rows that no endpoint shows. */
const INVISIBLE = ['audit_passing', 'audit_notpassing'];

/** Certificates of a user, and of a user in a course. */
export function certificateViews(lms: Lms): View[] {
  return [
    apiView(`${BASE}/{username}/courses/{course_key}/`, {
      profile: 'P1',
      scopes: ['certificates:read'],
      permission: requireStaffOrSelf,
      methods: { GET: (call) => readCertificate(lms, call) },
    }),
    apiView(`${BASE}/{username}/`, {
      profile: 'P1',
      permission: (call) => requireOwnerOrStaff(lms, call),
      methods: { GET: (call) => listCertificates(lms, call) },
    }),
  ];
}

/** Whether others may see somebody's certificates is that person's preference, which nobody sets in the sandbox. */
function requireOwnerOrStaff({ state }: Lms, call: Call): void {
  const username = call.param('username');
  if (isCallerStaff(call) || call.user.username.toLowerCase() === username.toLowerCase()) return;
  if (state.user(username) === undefined) throw new LmsCrash('User matching query does not exist.');
  throw permissionDenied();
}

function readCertificate({ state }: Lms, call: Call): Answer {
  const [username, key] = [call.param('username'), call.param('course_key')];
  const refuse = (code: string): AnswerNow => new AnswerNow(json({ error_code: code }, 404));
  if (!isCourseKey(key)) throw refuse('course_id_not_valid');
  const certificate = state.certificate(username, key);
  if (certificate === undefined || INVISIBLE.includes(certificate.status)) throw refuse('no_certificate_for_user');
  return json(certificateView(certificate));
}

function certificateView({
  username,
  courseKey,
  mode,
  created,
  status,
  verifyUuid,
  grade,
}: Certificate): Record<string, unknown> {
  return {
    username,
    course_id: courseKey,
    certificate_type: mode,
    created_date: created,
    status,
    is_passing: PASSING.includes(status),
    download_url: downloadPath(status, verifyUuid),
    grade,
  };
}

/** Path of the certificate's page; null until it can be had. */
export function downloadPath(status: string, verifyUuid: string): string | null {
  return status === 'downloadable' ? `/certificates/${verifyUuid}` : null;
}

/** Passing ones only, oldest first. */
function listCertificates({ state }: Lms, call: Call): Answer {
  const rows = state.certificatesByUsername
    .of(call.param('username').toLowerCase())
    .filter(({ status }) => PASSING.includes(status))
    .sort((a, b) => compareInstants(a.created, b.created));
  return json(
    rows.flatMap((row) => {
      const course = state.course(row.courseKey);
      return course === undefined
        ? []
        : [
            {
              ...certificateView(row),
              course_display_name: course.displayName,
              course_organization: course.org,
              modified_date: row.modified,
              uuid: row.verifyUuid,
            },
          ];
    }),
  );
}
