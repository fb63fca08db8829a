import { type ConnectionOf, connectionOf } from '../page/connection.type.js';
import type { Freshness } from '../upstream/freshness.type.js';
import { GradeType } from './grade.type.js';

export const GradeConnection = connectionOf(GradeType, 'Grade', 'grades');

/** A page of grades, and how recent the LMS's list behind it is. */
export type GradePage = ConnectionOf<GradeType> & { freshness: Freshness | null };
