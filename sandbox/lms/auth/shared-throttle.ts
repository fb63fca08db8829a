import { ApiError } from '../http/errors.js';
import type { ThrottleFamily } from '../http/view.js';
import type { LmsSettings, LmsUser } from '../rows.js';

const WINDOW_SECONDS = 60;

/** Calls a minute: `user` for learners and anonymous addresses, `staff` for staff and superusers. */
const RATES: Readonly<Record<ThrottleFamily, { user: number; staff: number }>> = {
  enrollment: { user: 40, staff: 120 },
  courses: { user: 20, staff: 40 },
};

/**
 * The LMS's sliding window over the last minute. One history per user and scope is shared by both families, so enrollment
 * calls use up the course list's allowance; the limits differ. Kept in memory, as the LMS keeps it in its cache.
 */
export class SharedThrottle {
  readonly #histories = new Map<string, number[]>();

  constructor(private readonly settings: () => Pick<LmsSettings, 'throttles' | 'misconfigured'>) {}

  /** Counts one call. @throws ApiError 429, with a wait only when the LMS computes one */
  count(family: ThrottleFamily, user: LmsUser | null, address: string, nowMs: number): void {
    const { throttles, misconfigured } = this.settings();
    if (misconfigured.includes('throttled')) throw throttled(WINDOW_SECONDS);
    if (!throttles) return;
    const scope = user !== null && (user.isStaff || user.isSuperuser) ? 'staff' : 'user';
    const limit = RATES[family][scope];
    const key = `${scope} ${user === null ? address : user.id}`;
    const now = nowMs / 1000;
    const history = (this.#histories.get(key) ?? []).filter((at) => at > now - WINDOW_SECONDS && at <= now);
    this.#histories.set(key, history);
    if (history.length < limit) {
      history.unshift(now);
      return;
    }
    const available = limit - history.length + 1;
    // More calls than this view allows (the other family made them): Django REST framework then computes no wait.
    if (available <= 0) throw new ApiError(429, 'Request was throttled.');
    throw throttled((WINDOW_SECONDS - (now - (history.at(-1) ?? now))) / available);
  }

  /** Forgets all calls, as flushing the cache does. */
  reset(): void {
    this.#histories.clear();
  }
}

export function throttled(waitSeconds: number): ApiError {
  const seconds = Math.max(1, Math.ceil(waitSeconds));
  return new ApiError(
    429,
    `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`,
    seconds,
  );
}
