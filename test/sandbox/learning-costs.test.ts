import { expect, test } from 'vitest';
import { costOf } from '../../sandbox/control/recorded-costs.js';

const LIST = '/api/enrollment/v1/enrollments/';
const GRADES = '/api/grades/v1/courses/course-v1:edX+DemoX+Demo_Course/';

/** Call, rows of its answer, and the median that was measured at the recorded LMS, in milliseconds. */
test.each([
  ['GET', LIST, 'username=alice', 3, 31],
  ['GET', LIST, 'username=a,b&page_size=100', 100, 82],
  ['GET', LIST, 'course_ids=a,b&page_size=100', 100, 106],
  ['GET', '/api/enrollment/v1/enrollment', 'user=alice', 5, 55],
  ['GET', '/api/enrollment/v1/enrollment/alice,course-v1:a+b+c', '', 1, 32],
  ['POST', '/api/enrollment/v1/enrollment', '', 1, 79],
  ['GET', GRADES, 'username=alice', 1, 31],
  ['GET', GRADES, 'page_size=50', 50, 137],
  ['GET', GRADES, 'page_size=200', 200, 340],
  ['GET', GRADES, 'page_size=500', 227, 385],
  ['GET', '/api/grades/v1/section_grades_breakdown/', 'page_size=100', 80, 4180],
  ['GET', '/api/grades/v1/gradebook/course-v1:a+b+c/', 'page_size=50', 50, 454],
  ['GET', '/api/certificates/v0/certificates/alice/', '', 1, 46],
  ['GET', '/api/certificates/v0/certificates/alice/courses/course-v1:a+b+c/', '', 1, 32],
  ['GET', '/api/user/v1/accounts', 'username=alice', 1, 43],
  ['GET', '/api/user/v1/accounts', 'username=a,b', 100, 1804],
  ['POST', '/api/user/v1/accounts/search_emails', '', 100, 34],
  ['GET', '/api/third_party_auth/v0/providers/oa2-ol-oauth2/users', 'page_size=100', 100, 37],
  ['GET', '/api/courses/v1/courses/', '', 10, 60],
  ['GET', '/api/courses/v1/courses/course-v1:a+b+c', '', 1, 46],
] as const)(
  '%s %s?%s with %d rows costs within a tenth of the %d ms that were measured',
  (method, path, rawQuery, rows, measuredMs) => {
    const costMs = costOf({ method, path, rawQuery }, rows);
    expect(Math.abs(costMs - measuredMs) / measuredMs).toBeLessThan(0.1);
  },
);
