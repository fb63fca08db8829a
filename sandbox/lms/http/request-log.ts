import { sessionUser } from '../auth/sessions.js';
import type { Lms } from '../lms.js';
import type { RequestLogEntry } from '../rows.js';
import type { LmsState } from '../state.js';
import type { Call } from './call.js';

/** Older entries are dropped beyond this many. */
const KEPT_ENTRIES = 100_000;

/** The journaled list of every call that the LMS received. */
export class RequestLog {
  #lastSeq: number;

  constructor(private readonly state: LmsState) {
    this.#lastSeq = state.hasSingle('lastRequestSeq') ? state.single<number>('lastRequestSeq') : 0;
    for (const { seq } of state.requests.values()) this.#lastSeq = Math.max(this.#lastSeq, seq);
  }

  add(entry: Omit<RequestLogEntry, 'seq'>): void {
    this.#lastSeq += 1;
    const { at, method, path, query, auth, purpose, status, ms } = entry;
    this.state.requests.set(String(this.#lastSeq), {
      seq: this.#lastSeq,
      at,
      method,
      path,
      query,
      auth,
      purpose,
      status,
      ms,
    });
    if (this.state.requests.size > KEPT_ENTRIES) {
      const oldest = this.state.requests.values().next().value;
      if (oldest) this.state.requests.delete(String(oldest.seq));
    }
  }

  /** Entries with a higher number than `seq`, oldest first. */
  since(seq: number): RequestLogEntry[] {
    return [...this.state.requests.values()].filter((entry) => entry.seq > seq);
  }

  /** Forgets all entries; numbers go on where they were. */
  clear(): void {
    this.state.atomically(() => {
      this.state.requests.clear();
      this.state.putSingle('lastRequestSeq', this.#lastSeq);
    });
  }
}

/** How the log names the credential that a call was made with. */
export function describeAuth(lms: Lms, call: Call): string {
  if (call.caller) {
    const { via, user } = call.caller;
    return via === 'bearer' || via === 'jwt' ? `${via}:${user.username}` : 'session';
  }
  if (call.hasApiKey) return 'key';
  return sessionUser(lms, call) ? 'session' : 'none';
}
