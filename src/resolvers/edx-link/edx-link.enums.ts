import type { EdxLinkState } from '../../entities/edx-link.entity.js';
import type { LinkDrift } from '../../services/edx-link/drift.js';
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
    UNLINKED: 'The LMS no longer ties its user to this account, or has no such user.',
    INACTIVE: 'The LMS account is not active.',
  },
);
