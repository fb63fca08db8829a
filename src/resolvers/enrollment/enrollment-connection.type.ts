import { type ConnectionOf, connectionOf } from '../page/connection.type.js';
import type { Freshness } from '../upstream/freshness.type.js';
import { EnrollmentType } from './enrollment.type.js';

export const EnrollmentConnection = connectionOf(EnrollmentType, 'Enrollment', 'enrollments');

/** A page of enrollments, and how recent the LMS's list behind it is; null for a list that is kept in Portico alone. */
export type EnrollmentPage = ConnectionOf<EnrollmentType> & { freshness: Freshness | null };
