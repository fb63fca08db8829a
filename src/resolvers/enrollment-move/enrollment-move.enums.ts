import type {
  EnrollmentMoveKind,
  EnrollmentMoveState,
  EnrollmentMoveStepName,
  EnrollmentMoveStepOutcome,
} from '../../entities/enrollment-move.entity.js';
import { describeEnum } from '../describe-enum.js';

export const EnrollmentMoveKindEnum = describeEnum<EnrollmentMoveKind>(
  'EnrollmentMoveKind',
  'Why an enrollment ends.',
  {
    DEFER: 'For a later run of the course.',
    TRANSFER: 'For another learner.',
    REFUND: 'Since it was paid back.',
  },
);

export const EnrollmentMoveStateEnum = describeEnum<EnrollmentMoveState>('EnrollmentMoveState', 'How far it is.', {
  RUNNING: 'Under way; it goes on by itself when the LMS answers.',
  DONE: 'Every step was taken.',
  FAILED: 'It ended without; the learner keeps what they had, unless a step says otherwise.',
});

export const EnrollmentMoveStepNameEnum = describeEnum<EnrollmentMoveStepName>(
  'EnrollmentMoveStepName',
  'What is done, in this order.',
  {
    ENROLL_TARGET: 'The enrollment that takes the place is made, and verified with its mode.',
    END_SOURCE: 'The enrollment is ended in the LMS.',
    UNDO_TARGET: 'The other enrollment is made what it was, since a step failed.',
  },
);

export const EnrollmentMoveStepOutcomeEnum = describeEnum<EnrollmentMoveStepOutcome>(
  'EnrollmentMoveStepOutcome',
  'What became of a step.',
  {
    DONE: 'Done, as the LMS says.',
    NOT_NEEDED: 'There was nothing to do.',
    FAILED: 'Refused for good; the reason says why.',
  },
);
