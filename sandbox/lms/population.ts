import { randomBytes } from 'node:crypto';
import type { CourseMode, CourseRun, LmsProfile, LmsUser } from './rows.js';
import type { LmsState } from './state.js';

/** What makes a user; the rest follows from it. */
export interface NewUser {
  /** Default: the next one. */
  readonly id?: number;
  readonly username: string;
  readonly email: string;
  readonly name: string;
  /** A hash, so that seeding many people with one password hashes it once. */
  readonly passwordHash: string | null;
  readonly dateJoined: string;
  readonly isActive?: boolean;
  readonly isStaff?: boolean;
  readonly isSuperuser?: boolean;
  readonly hasProfile?: boolean;
  readonly profile?: Partial<LmsProfile>;
}

const EMPTY_PROFILE: Omit<LmsProfile, 'name'> = {
  yearOfBirth: null,
  country: null,
  state: null,
  city: null,
  gender: null,
  goals: null,
  bio: null,
  levelOfEducation: null,
  mailingAddress: null,
  phoneNumber: null,
  accountPrivacy: null,
  languageProficiencies: [],
  socialLinks: [],
};

/** Adds a user under the next id. */
export function addUser(state: LmsState, user: NewUser): LmsUser {
  const row: LmsUser = {
    id: user.id ?? state.nextId('user'),
    username: user.username,
    email: user.email,
    passwordHash: user.passwordHash,
    isActive: user.isActive ?? true,
    isStaff: user.isStaff ?? false,
    isSuperuser: user.isSuperuser ?? false,
    dateJoined: user.dateJoined,
    lastLogin: null,
    activationKey: randomBytes(16).toString('hex'),
    profile: user.hasProfile === false ? null : { ...EMPTY_PROFILE, name: user.name, ...user.profile },
  };
  state.putUser(row);
  return row;
}

/** What makes a course run; organization and number come from the key. */
export type NewCourse = Pick<CourseRun, 'courseKey' | 'displayName'> & Partial<CourseRun>;

const CUTOFFS = { A: 0.9, B: 0.8, C: 0.7, Pass: 0.5 };

export function addCourse(state: LmsState, course: NewCourse): CourseRun {
  const [, org = '', number = ''] = /^course-v1:([^+]+)\+([^+]+)\+/.exec(course.courseKey) ?? [];
  const row: CourseRun = {
    org,
    number,
    start: null,
    end: null,
    enrollmentStart: null,
    enrollmentEnd: null,
    selfPaced: false,
    invitationOnly: false,
    maxEnrollments: null,
    catalogVisibility: 'both',
    shortDescription: null,
    effort: null,
    mobileAvailable: false,
    modes: [],
    gradeCutoffs: CUTOFFS,
    ...course,
  };
  state.putCourse(row);
  return row;
}

const MODE_NAMES: Readonly<Record<string, string>> = {
  audit: 'Audit',
  honor: 'Honor Code',
  verified: 'Verified Certificate',
  masters: 'Masters',
  professional: 'Professional Education',
};

export function courseMode(slug: string, options: Partial<CourseMode> = {}): CourseMode {
  return {
    slug,
    name: MODE_NAMES[slug] ?? slug,
    minPrice: 0,
    currency: 'usd',
    expiresAt: null,
    description: null,
    sku: null,
    bulkSku: null,
    ...options,
  };
}
