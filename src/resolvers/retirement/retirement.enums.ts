import type { RetirementState, RetirementStepName, RetirementStepOutcome } from '../../entities/retirement.entity.js';
import { describeEnum } from '../describe-enum.js';

export const RetirementStateEnum = describeEnum<RetirementState>(
  'RetirementState',
  'How far the end of an account is.',
  {
    SCHEDULED: 'Asked for by the person, who can still take it back.',
    RUNNING: 'Begun, and not to be stopped: the account is RETIRED, the steps follow.',
    DONE: 'Every step was taken.',
  },
);

export const RetirementStepNameEnum = describeEnum<RetirementStepName>(
  'RetirementStepName',
  'What is done to retire an account, in this order.',
  {
    END_ACCESS: 'Sessions, tokens and grants ended.',
    LEAVE_LMS: 'The LMS user retired, or at least deactivated and unenrolled.',
    ERASE_DATA: 'Name, address, profile, sign-in data and everything else personal erased.',
    ERASE_ADDRESSES: 'Network addresses taken out of the audit.',
  },
);

export const RetirementStepOutcomeEnum = describeEnum<RetirementStepOutcome>(
  'RetirementStepOutcome',
  'What became of a step.',
  {
    DONE: 'Done.',
    NOT_NEEDED: 'There was nothing to do.',
    LEFT_TO_DO: 'Something is left to people: the reason says what, and why.',
  },
);
