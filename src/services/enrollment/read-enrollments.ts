import { EnrollmentEntity } from '../../entities/enrollment.entity.js';
import { prepareRead } from '../../entities/prepared-rows.js';

/** Enrollments of accounts (their ids), oldest first: a learner's page reads them each time. */
export const readEnrollmentsOf = prepareRead(EnrollmentEntity, {
  name: 'enrollment_of_accounts',
  rest: 'where account_id = any($1::uuid[]) order by id',
});
