import type { Table } from '../../journal/table.js';
import { sessionUser } from '../auth/sessions.js';
import type { Lms } from '../lms.js';
import type { RequestLogEntry } from '../rows.js';
import type { LmsState } from '../state.js';
import type { Call } from './call.js';

/** Older entries are dropped beyond this many. */
const KEPT_ENTRIES = 100_000;

/** The journaled list of every call that a server of the sandbox received. */
export class RequestLog {
  #lastSeq: number;

  /** @param requests - its table; the state keeps the last number under the table's name */
  constructor(
    private readonly state: LmsState,
    private readonly requests: Table<RequestLogEntry>,
  ) {
    this.#lastSeq = state.hasSingle(this.#lastSeqName) ? state.single<number>(this.#lastSeqName) : 0;
    for (const { seq } of requests.values()) this.#lastSeq = Math.max(this.#lastSeq, seq);
  }

  add(entry: Omit<RequestLogEntry, 'seq'>): void {
    this.#lastSeq += 1;
    const { at, method, path, query, auth, purpose, status, ms, rows } = entry;
    this.requests.set(String(this.#lastSeq), {
      seq: this.#lastSeq,
      at,
      method,
      path,
      query,
      auth,
      purpose,
      status,
      ms,
      ...(rows !== undefined && { rows }),
    });
    if (this.requests.size > KEPT_ENTRIES) {
      const oldest = this.requests.values().next().value;
      if (oldest) this.requests.delete(String(oldest.seq));
    }
  }

  get #lastSeqName(): string {
    return this.requests.name === 'requests' ? 'lastRequestSeq' : `lastSeq:${this.requests.name}`;
  }

  /** Entries with a higher number than `seq`, oldest first. */
  since(seq: number): RequestLogEntry[] {
    return [...this.requests.values()].filter((entry) => entry.seq > seq);
  }

  /** Forgets all entries; numbers go on where they were. */
  clear(): void {
    this.state.atomically(() => {
      this.requests.clear();
      this.state.putSingle(this.#lastSeqName, this.#lastSeq);
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
