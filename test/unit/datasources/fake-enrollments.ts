import type { EnrollmentFilter, EnrollmentReads, LmsEnrollment } from '../../../src/datasources/lms/enrollments.js';
import { queryBytes } from '../../../src/datasources/upstream/query.js';
import { UpstreamRejectedError } from '../../../src/errors.js';

export interface FakeBehaviour {
  /** Bytes of a list of names and keys at which the web server refuses the URL. */
  maxUrlBytes?: number;
  ignoresCourseKeys?: boolean;
  hasNoList?: boolean;
}

/** The Enrollment API over a table in memory: paged, case-insensitive, all-or-nothing about names, as the LMS does it. */
export class FakeEnrollments implements EnrollmentReads {
  readonly calls: string[] = [];
  /** What any call broke of the LMS's limits; tests expect it empty. */
  readonly violations: string[] = [];

  constructor(
    private readonly rows: readonly LmsEnrollment[],
    private readonly behaviour: FakeBehaviour = {},
  ) {}

  async enrollmentPage(filter: EnrollmentFilter, cursor: string | undefined) {
    this.calls.push('list');
    const { usernames, courseKey, courseKeys } = filter;
    if (this.behaviour.hasNoList) throw refused(404, undefined);
    if (usernames?.length === 0 || courseKeys?.length === 0) this.violations.push('an empty list');
    if ((usernames?.length ?? 0) > 100 || (courseKeys?.length ?? 0) > 100) this.violations.push('more than 100');
    const bytes = [...(usernames ?? []), ...(courseKeys ?? [])].reduce((sum, value) => sum + queryBytes(value), 0);
    if (bytes > (this.behaviour.maxUrlBytes ?? Number.POSITIVE_INFINITY)) throw refused(414, undefined);
    if (usernames?.some((name) => !/^[-a-zA-Z0-9_]+$/.test(name) || name.startsWith('bad-')))
      throw refused(400, { field_errors: { username: { developer_message: 'no' } } });
    const names = usernames?.map((name) => name.toLowerCase());
    const parts = this.behaviour.ignoresCourseKeys ? undefined : courseKeys?.map((key) => key.toLowerCase());
    const matching = this.rows.filter(
      (row) =>
        (names === undefined || names.includes(row.username.toLowerCase())) &&
        (courseKey === undefined || row.courseKey.toLowerCase() === courseKey.toLowerCase()) &&
        (parts === undefined || parts.some((part) => row.courseKey.toLowerCase().includes(part))),
    );
    const from = Number(cursor ?? 0);
    const next = from + 100 < matching.length ? String(from + 100) : undefined;
    return { rows: matching.slice(from, from + 100), cursor: next };
  }

  async readEnrollment(username: string, courseKey: string) {
    this.calls.push('pair');
    return this.rows.find(
      (row) => row.username.toLowerCase() === username.toLowerCase() && row.courseKey === courseKey,
    );
  }

  async ownEnrollments(username: string): Promise<LmsEnrollment[]> {
    return this.enrollmentsOf(username);
  }

  async enrollmentsOf(username: string) {
    this.calls.push('user');
    return this.rows.filter((row) => row.username.toLowerCase() === username.toLowerCase() && row.isActive);
  }

  async courseDetails(): Promise<never> {
    throw new Error('not asked here');
  }
}

function refused(status: number, body: unknown): UpstreamRejectedError {
  return new UpstreamRejectedError('refused', { upstream: 'lms', status, body });
}
