import { AppError, UpstreamUnavailableError } from '../../errors.js';
import type { Misconfiguration } from './misconfiguration.js';

/** What one check came to. */
export interface Finding {
  name: string;
  /** `to-check` is what nobody outside the LMS can see; `skipped` is what cannot be seen before something else is mended. */
  status: 'ok' | 'failed' | 'to-check' | 'skipped';
  /** What was seen; of `to-check`, what to look at in the LMS. */
  detail: string;
  /** The known mistake that this is. */
  problem?: Misconfiguration;
  /** What to do about it; of a failed check only. */
  advice?: string;
}

/** A check got an answer, but not the right one; where it knows the mistake, it says so, and what mends it. */
export class Trouble extends Error {
  override readonly name = 'Trouble';
  readonly problem: Misconfiguration | undefined;
  readonly advice: string | undefined;
  constructor(seen: string, { problem, advice }: { problem?: Misconfiguration; advice?: string } = {}) {
    super(seen);
    this.problem = problem;
    this.advice = advice;
  }
}

/**
 * Runs one check.
 *
 * @param look - answers what it saw, or throws
 * @param advice - what to do when it throws and does not know better itself
 */
export async function find(name: string, look: () => Promise<string>, advice: string): Promise<Finding> {
  try {
    return { name, status: 'ok', detail: await look() };
  } catch (error) {
    if (error instanceof Trouble)
      return {
        name,
        status: 'failed',
        detail: error.message,
        ...(error.problem && { problem: error.problem }),
        advice: error.advice ?? advice,
      };
    if (isThrottling(error))
      return { name, status: 'failed', detail: describe(error), problem: 'throttled', advice: adviceOnThrottling };
    return { name, status: 'failed', detail: describe(error), advice: isItsOwn(error) ? adviceOnOutage : advice };
  }
}

/** @param after - what has to be mended first */
export function skipped(name: string, after: string): Finding {
  return { name, status: 'skipped', detail: `cannot be seen before this is well: ${after}` };
}

const adviceOnThrottling =
  'The LMS limits the calls of this address. Raise its limits in the LMS\'s settings: RATELIMIT_RATE = "1200/m", REGISTRATION_RATELIMIT = "10000/7d", REGISTRATION_VALIDATION_RATELIMIT = "10000/7d". Its windows are kept in its cache: wait, or restart that (Tutor: tutor local restart redis).';

const adviceOnOutage =
  'The LMS itself fails, whatever is set: its log says why (Tutor: tutor dev logs lms). When it works again, run this again.';

function isItsOwn(error: unknown): boolean {
  return error instanceof UpstreamUnavailableError && ['server-error', 'circuit-open'].includes(error.why);
}

function isThrottling(error: unknown): error is UpstreamUnavailableError {
  return error instanceof UpstreamUnavailableError && error.why === 'throttled';
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error instanceof AppError && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return error.message + cause;
}
