import { programPermissions } from '../../services/partner-grant/partner-roles.js';
import { describeEnum } from '../describe-enum.js';

export const ProgramPermissionEnum = describeEnum<(typeof programPermissions)[number]>(
  'ProgramPermission',
  'What somebody may do with a program.',
  {
    READ_METADATA: 'See the program and its course runs.',
    READ_ENROLLMENTS: 'See its learners, their enrollments and grades.',
    WRITE_ENROLLMENTS: 'Enroll learners and change their enrollments.',
    READ_REPORTS: 'Download its reports.',
  },
);
