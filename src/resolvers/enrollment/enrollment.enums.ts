import type { EnrollmentState } from '../../entities/enrollment.entity.js';
import { describeEnum } from '../describe-enum.js';

export const EnrollmentStateEnum = describeEnum<EnrollmentState>('EnrollmentState', 'Where an enrollment stands.', {
  PENDING: 'Asked for here; the LMS has not confirmed it yet.',
  ACTIVE: 'The learner takes part.',
  INACTIVE: 'The learner was unenrolled.',
  REJECTED: 'The LMS refused; `lastError` says why.',
  DEFERRED: 'Moved to a later run.',
  TRANSFERRED: 'Given over to another learner.',
  REFUNDED: 'Ended and paid back.',
});
