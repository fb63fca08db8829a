/**
 * How fast the LMS takes registrations. It refuses more than some in a week from one address, says neither how many nor when
 * there is room again, and counts what it refuses. So after a refusal one registration at a time is tried, with pauses that
 * double with each refusal and halve with each success, until they are short enough to do without.
 */
export interface RegistrationPace {
  /** Pause between registrations; 0 while the LMS takes them all. */
  gapMs: number;
  /** Before that nothing is sent. */
  nextAt?: Date | null | undefined;
  /** Since when the LMS refuses. */
  refusedSince?: Date | null | undefined;
}

/** While the LMS takes all. */
export const freePace: RegistrationPace = { gapMs: 0, nextAt: null, refusedSince: null };

const minuteMs = 60_000;
const shortestGapMs = 10 * minuteMs;
/** Operators who raise the limit wait no longer than this, and a limit that stays is asked four times a day. */
const longestGapMs = 6 * 60 * minuteMs;

/** The pace after the LMS refused a registration. */
export function slowDown({ gapMs, refusedSince }: RegistrationPace, now: Date): RegistrationPace {
  const longer = Math.min(longestGapMs, Math.max(shortestGapMs, gapMs * 2));
  return { gapMs: longer, nextAt: new Date(now.getTime() + longer), refusedSince: refusedSince ?? now };
}

/** The pace after the LMS took one. */
export function speedUp({ gapMs, refusedSince }: RegistrationPace, now: Date): RegistrationPace {
  const shorter = gapMs / 2;
  if (shorter < shortestGapMs / 2) return freePace;
  return { gapMs: shorter, nextAt: new Date(now.getTime() + shorter), refusedSince };
}
