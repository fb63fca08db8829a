import type { EdxLinkState } from '../../entities/edx-link.entity.js';
import type { LinkDrift } from '../../services/edx-link/drift.js';
import type { LinkRemedy } from '../../services/edx-link/remedy.js';
import { describeEnum } from '../describe-enum.js';

export const EdxLinkStateEnum = describeEnum<EdxLinkState>('EdxLinkState', 'How far an account is tied to the LMS.', {
  NOT_LINKED: 'Nobody has asked for an LMS account yet.',
  PENDING: 'An LMS account is wanted; it is made as soon as the LMS answers.',
  CREATING: 'The LMS is being asked right now.',
  LINKED: 'The LMS account exists and signs in through Portico.',
  CONFLICT: 'The LMS has another account in the way; a person must decide.',
  REJECTED: 'The LMS refused for a reason that a person must remove.',
  MISSING_UPSTREAM: 'The LMS account is gone.',
  DEACTIVATED: 'The LMS account is switched off.',
});

export const LinkDriftEnum = describeEnum<LinkDrift>(
  'LinkDrift',
  'Where Portico and the LMS disagree about an account.',
  {
    USERNAME_DIFFERS: 'The LMS knows the person under another username.',
    EMAIL_DIFFERS: 'The LMS has another e-mail address.',
    NAME_DIFFERS: 'The LMS has another name.',
    PROFILE_DIFFERS: 'The LMS has another country or year of birth.',
    UNLINKED: 'The LMS no longer ties its user to this account, or has no such user.',
    INACTIVE: 'The LMS account is not active.',
  },
);

export const EdxLinkRemedyEnum = describeEnum<LinkRemedy>(
  'EdxLinkRemedy',
  'What can be done about an edX link in CONFLICT or REJECTED.',
  {
    ADOPT:
      'Take the LMS user with this e-mail address, by resolveEdxConflict: the person is signed in to the LMS once.',
    RELEASE_OTHER: 'Take the LMS user from the other account here that holds them, by resolveEdxConflict; for support.',
    START_ANEW: 'Give up the LMS user that the account had, and get another one, by resolveEdxConflict; for support.',
    CHANGE_EMAIL: 'Change the e-mail address of the account; the rest follows by itself.',
    CORRECT_PROFILE: 'Correct the profile of the account; the rest follows by itself.',
    TRY_AGAIN: 'Try again, by resolveEdxConflict, once what lastError names has been seen to.',
  },
);
