import type { CostBook } from '../cost/cost-book.js';
import type { EnrollmentReads } from '../lms/enrollments.js';

/** What the readers of enrollments call. */
export type EnrollmentCalls = Pick<EnrollmentReads, 'enrollmentPage' | 'readEnrollment' | 'enrollmentsOf'>;

/** The same calls, each teaching the book what it cost. */
export function meterEnrollmentReads(api: EnrollmentCalls, costs: CostBook): EnrollmentCalls {
  return {
    enrollmentPage: (filter, cursor, options) =>
      costs.measure(
        filter.courseKeys ? 'enrollment.list-by-runs' : 'enrollment.list',
        (call) => api.enrollmentPage(filter, cursor, call),
        ({ rows }) => rows.length,
        options,
      ),
    readEnrollment: (username, courseKey, options) =>
      costs.measure(
        'enrollment.read',
        (call) => api.readEnrollment(username, courseKey, call),
        () => 1,
        options,
      ),
    enrollmentsOf: (username, options) =>
      costs.measure(
        'enrollment.list-of-user',
        (call) => api.enrollmentsOf(username, call),
        (rows) => rows.length,
        options,
      ),
  };
}
