import { EnrollmentEntity } from '../../entities/enrollment.entity.js';
import { prepareReadByKeys } from '../../entities/prepared-rows.js';

/** Enrollments of accounts (their ids), oldest first: a learner's page reads them each time. */
export const readEnrollmentsOf = prepareReadByKeys(EnrollmentEntity, {
  name: 'enrollment_of_accounts',
  column: 'account_id',
  type: 'uuid',
  order: 'order by id',
});
