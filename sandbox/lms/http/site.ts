import type { Table } from '../../journal/table.js';
import type { Fault, RequestLogEntry } from '../rows.js';
import type { Answer } from './answer.js';
import type { Call } from './call.js';

/** One server of the sandbox: its name, where it is, what was ordered of it and what it was asked. */
export interface Site {
  readonly name: 'LMS' | 'Discovery' | 'Registrar';
  /** Its origin, without a slash at the end. */
  readonly rootUrl: () => string;
  readonly faults: Table<Fault>;
  readonly requests: Table<RequestLogEntry>;
  readonly habits: SiteHabits;
}

/** In what the servers differ, although all of them are Django with its REST framework. */
export interface SiteHabits {
  /** Whether a path that misses its last slash is sent on to the one with it. */
  readonly appendsSlash: boolean;
  /** Whether answers to calls with a token set the LMS's cookies. */
  readonly setsCookies: boolean;
  readonly errorPage: (call: Call, status: number) => Answer;
}
