import { describeEnum } from '../describe-enum.js';

export type ProgramEnrollmentStatusWord = 'ENROLLED' | 'PENDING' | 'SUSPENDED' | 'CANCELED' | 'ENDED';

export const ProgramEnrollmentStatusEnum = describeEnum<ProgramEnrollmentStatusWord>(
  'ProgramEnrollmentStatus',
  'How a learner stands in a program.',
  {
    ENROLLED: 'Takes part: only these see the program in the LMS.',
    PENDING: 'Admission or payment is not complete.',
    SUSPENDED: 'Set aside for a time.',
    CANCELED: 'Left before the end.',
    ENDED: 'Came to the end.',
  },
);

export type ProgramCourseEnrollmentStatusWord = 'ACTIVE' | 'INACTIVE';

export const ProgramCourseEnrollmentStatusEnum = describeEnum<ProgramCourseEnrollmentStatusWord>(
  'ProgramCourseEnrollmentStatus',
  'How a learner of a program stands in one of its course runs.',
  { ACTIVE: 'Takes the course run.', INACTIVE: 'Does not take it (any more).' },
);
