// What Course Discovery keeps. The LMS's cache of programs is a copy of it, as the command `cache_programs` makes one.
import type { Instant } from '../lms/rows.js';

/** Key of the table: its key, lower-cased. */
export interface Organization {
  readonly uuid: string;
  readonly key: string;
  readonly name: string;
  /** Short code of the partner, a tenant of Discovery. */
  readonly partner: string;
  /** Whether the LMS has an organization of this short name; without one, its learners' keys cannot be looked up. */
  readonly isInLms: boolean;
}

/** Key of the table: its slug. The name is what editors call it, and may change; the slug stays. */
export interface ProgramType {
  readonly uuid: string;
  readonly slug: string;
  readonly name: string;
}

export interface CatalogRun {
  readonly key: string;
  readonly uuid: string;
  readonly title: string;
  /** What the partner calls the run. */
  readonly externalKey: string | null;
  readonly marketingUrl: string | null;
  readonly start: Instant | null;
  readonly end: Instant | null;
  readonly enrollmentStart: Instant | null;
  readonly enrollmentEnd: Instant | null;
  readonly isSelfPaced: boolean;
  readonly status: 'unpublished' | 'review_by_legal' | 'review_by_internal' | 'reviewed' | 'published';
  readonly seatTypes: readonly string[];
}

/** Key of the table: its key, such as `DemoU+CS101`. */
export interface CatalogCourse {
  readonly key: string;
  readonly uuid: string;
  readonly title: string;
  /** Keys of organizations. */
  readonly owners: readonly string[];
  readonly runs: readonly CatalogRun[];
}

export interface Curriculum {
  readonly uuid: string;
  readonly name: string;
  readonly isActive: boolean;
  /** Keys of courses, in order. */
  readonly courses: readonly string[];
  /** Keys of runs of those courses that this curriculum leaves out. */
  readonly excludedRuns: readonly string[];
  /** UUIDs of nested programs. */
  readonly programs: readonly string[];
}

export const PROGRAM_STATUSES = ['unpublished', 'active', 'retired', 'deleted'] as const;
export type ProgramStatus = (typeof PROGRAM_STATUSES)[number];

/** Key of the table: its UUID. */
export interface Program {
  readonly uuid: string;
  readonly title: string;
  readonly subtitle: string;
  /** Slug of its type. */
  readonly type: string;
  readonly status: ProgramStatus;
  readonly marketingSlug: string;
  /** Null without a slug. */
  readonly marketingUrl: string | null;
  readonly isHidden: boolean;
  readonly partner: string;
  /** Keys of the authoring organizations, in order; the LMS looks at the first only. */
  readonly organizations: readonly string[];
  /** Keys of courses on the program itself. */
  readonly courses: readonly string[];
  readonly curricula: readonly Curriculum[];
  /** Files that were made about it, as the Registrar finds them: content by name. */
  readonly reports: Readonly<Record<string, string>>;
  readonly modified: Instant;
}
