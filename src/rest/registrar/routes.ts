import type { Readable } from 'node:stream';
import type { Viewer } from '../../access/viewer.js';
import type { ProgramPermission } from '../../services/partner-grant/partner-roles.js';
import type { Program } from '../../services/program/program.service.js';

/** A request that has passed the checks of its route. */
export interface RegistrarCall {
  viewer: Viewer;
  /** Complete, as the caller sees it: links are made from it. */
  address: URL;
  /** Network address of the caller. */
  ip: string | null;
  /** What the path names, decoded. */
  parts: Readonly<Record<string, string>>;
  /**
   * The parsed JSON of the body.
   *
   * @throws Refusal 400, 413 or 415
   */
  readJson(): Promise<unknown>;
  /**
   * Hands the one file of a multipart body on while it comes in.
   *
   * @param take - reads the file to its end, or throws
   * @throws Refusal 400, 413 or 415; what `take` threw
   */
  readFile<T>(take: (file: Readable, name: string) => Promise<T>): Promise<T>;
}

/** The same for an address below a program. */
export interface ProgramCall extends RegistrarCall {
  program: Program;
}

export interface RegistrarAnswer {
  status: number;
  /** Left out: there is none. */
  body?: unknown;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface Reading {
  /** Whether a GET only reads, so that HEAD may do the same. Not so where it begins a job. */
  isSafe?: boolean;
}

/** What one method of an address does. Below a program it takes a right. */
export type Endpoint =
  | (Reading & { permission?: undefined; handle(call: RegistrarCall): Promise<RegistrarAnswer> })
  | (Reading & { permission: ProgramPermission; handle(call: ProgramCall): Promise<RegistrarAnswer> });

/** Where addresses begin: versions of the API, and what operators ask for. */
export const versions = ['v1', 'v2', 'v3', 'internal'] as const;
export type Version = (typeof versions)[number];

/** An address with its methods; the versions of the API that have it. */
export interface Route {
  versions: readonly Version[];
  /** What follows the version, without slashes at its ends. Groups are the parts. */
  pattern: RegExp;
  /** To anybody who is not staff, the address is not there. */
  isForStaff?: boolean;
  methods: Partial<Record<Method, Endpoint>>;
}

const programKey = '(?<program>[A-Za-z0-9_-]+)';
/** A key of the LMS (of either form), or the partner's own. */
const courseId = '(?<course>[^/+]+(?:/|\\+)[^/+]+(?:/|\\+)[^/?]+|[A-Za-z0-9_:-]+)';

/** The addresses of the API, as patterns of what follows the version. */
export const paths = {
  programs: /^programs$/,
  program: new RegExp(`^programs/${programKey}$`),
  courses: new RegExp(`^programs/${programKey}/courses$`),
  enrollments: new RegExp(`^programs/${programKey}/enrollments$`),
  courseEnrollments: new RegExp(`^programs/${programKey}/courses/${courseId}/enrollments$`),
  grades: new RegExp(`^programs/${programKey}/courses/${courseId}/grades$`),
  enrollmentsUpload: new RegExp(`^programs/${programKey}/enrollments/upload$`),
  courseEnrollmentsUpload: new RegExp(`^programs/${programKey}/course_enrollments/upload$`),
  allCourseEnrollments: new RegExp(`^programs/${programKey}/course_enrollments$`),
  /** Whatever follows: that API has no end there, and clients may have come to count on it. */
  reports: new RegExp(`^programs/${programKey}/reports`),
  jobs: /^jobs$/,
  job: /^jobs\/(?<job>[0-9a-f-]+)$/,
  cache: /^cache$/,
  /** No part `program`: who may is decided without it. */
  cachedProgram: /^cache\/(?<cached>[A-Za-z0-9_-]+)$/,
};

/** The methods that an address takes, as `Allow` tells them. */
export function allowedMethods({ methods }: Route): string[] {
  const own = Object.keys(methods);
  return [...own, ...(methods.GET?.isSafe ? ['HEAD'] : []), 'OPTIONS'];
}
