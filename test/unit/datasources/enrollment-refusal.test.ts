import { describe, expect, test } from 'vitest';
import { explainRefusal } from '../../../src/datasources/lms/enrollment-refusal.js';
import type { LmsCourseDetails } from '../../../src/datasources/lms/enrollments.js';

const now = new Date('2026-11-25T12:00:00Z');
const open: LmsCourseDetails = {
  courseKey: 'course-v1:Org+C1+R1',
  title: 'A course',
  enrollmentStart: null,
  enrollmentEnd: null,
  isInvitationOnly: false,
  modes: [],
};
const ambiguous = { status: 400, isAmbiguous: true, isActive: true, isEnrolled: false, details: open, now };

describe('why an enrollment was refused', () => {
  test.each([
    ['an unknown user is a 406', { ...ambiguous, status: 406 }, 'user-unknown'],
    ['a veto of the LMS is a 403', { ...ambiguous, status: 403 }, 'forbidden'],
    ['a clear 400 is about the mode', { ...ambiguous, isAmbiguous: false, details: undefined }, 'mode-unavailable'],
    ['no such course run', { ...ambiguous, details: undefined }, 'course-unknown'],
    ['ending an enrollment of another mode', { ...ambiguous, isActive: false, isEnrolled: true }, 'mode-mismatch'],
    ['ending what is not there', { ...ambiguous, isActive: false }, 'not-enrolled'],
    [
      'before the window',
      { ...ambiguous, details: { ...open, enrollmentStart: new Date('2027-01-01') } },
      'enrollment-not-open',
    ],
    ['at the end of the window', { ...ambiguous, details: { ...open, enrollmentEnd: now } }, 'enrollment-closed'],
    ['by invitation', { ...ambiguous, details: { ...open, isInvitationOnly: true } }, 'invitation-only'],
    ['in an open course run: it must be full, or a plug-in', ambiguous, 'enrollment-refused'],
  ])('%s', (_name, given, code) => {
    const refusal = explainRefusal(given);
    expect(refusal.code).toBe(code);
    expect(refusal.message).toMatch(/^[A-Z].*\.$/);
  });
});
