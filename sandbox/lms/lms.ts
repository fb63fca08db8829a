import type { Announcer } from '../bus/announcer.js';
import type { AttemptWindows } from './auth/attempts.js';
import type { SigningKeys } from './auth/jwt.js';
import type { SharedThrottle } from './auth/shared-throttle.js';
import type { Misconfiguration } from './rows.js';
import type { LmsState } from './state.js';

/** The identifier that the account mapping API and hints use for a backend. */
export const PROVIDER_ID_PREFIX = 'oa2-';

export interface SandboxCredentials {
  /** The LMS as client of Portico. */
  readonly sso: { readonly clientId: string; readonly clientSecret: string };
  /** The LMS application for learners' own tokens. */
  readonly apiClient: { readonly clientId: string; readonly clientSecret: string };
  /** The LMS application of the service worker, and a long-lived Bearer of it. */
  readonly worker: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly username: string;
    readonly staticToken?: string;
  };
  /** The LMS application of who runs retirements, where there is one. */
  readonly retirement?: { readonly clientId: string; readonly clientSecret: string };
}

/** What every view of the sandbox LMS is given: its state, its clock, its keys and its limits. */
export interface Lms {
  readonly state: LmsState;
  readonly credentials: SandboxCredentials;
  readonly keys: SigningKeys;
  readonly throttle: SharedThrottle;
  readonly attempts: AttemptWindows;
  /** Tells the event bus what happens. */
  readonly announcer: Announcer;
  /** Public origin of the LMS, without a slash at the end. */
  readonly rootUrl: () => string;
  /** Base URL of Portico, without a slash at the end. */
  readonly porticoUrl: () => string;
  /** The LMS's own clock; `clock-skew` puts it two hours ahead. */
  readonly now: () => Date;
}

export function isMisconfigured(lms: Pick<Lms, 'state'>, name: Misconfiguration): boolean {
  return lms.state.settings.misconfigured.includes(name);
}
