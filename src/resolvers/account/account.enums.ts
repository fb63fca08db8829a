import type { Role } from '../../access/viewer.js';
import type { AccountStatus } from '../../entities/account.entity.js';
import { describeEnum } from '../describe-enum.js';

export const RoleEnum = describeEnum<Role>('Role', 'What a person may do beyond their own affairs.', {
  LEARNER: 'Everyone: one’s own affairs.',
  STAFF: 'Sees accounts and learning state of others.',
  SUPPORT: 'Includes STAFF; repairs accounts and reads the audit trail.',
  ADMIN: 'Includes SUPPORT; manages clients and settings.',
  PARTNER: 'Acts for partner schools within what was granted.',
});

export const AccountStatusEnum = describeEnum<AccountStatus>('AccountStatus', 'Whether an account can be used.', {
  ACTIVE: 'In use.',
  DEACTIVATED: 'Switched off; can be switched on again.',
  BLOCKED: 'Kept from signing in.',
  RETIRED: 'Ended for good; personal data is gone.',
});
