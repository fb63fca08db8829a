import type { FaultMode } from '../../sandbox/lms/rows.js';

interface ModeRow {
  /** What goes wrong, for people. */
  meaning: string;
  /** What the fault is told: how slow, or how long to wait. */
  ms?: number;
}

/** Every way in which the sandbox can fail; the type demands a row for one that is new. */
export const modeRows: Record<FaultMode, ModeRow> = {
  down: { meaning: 'the web server answers 503 in place of the LMS' },
  refused: { meaning: 'the connection is refused' },
  reset: { meaning: 'the connection breaks before an answer' },
  'lost-answer': { meaning: 'the work is done, its answer lost' },
  hang: { meaning: 'no answer until Portico gives up' },
  slow: { meaning: 'an answer after a while, within the time for a try', ms: 50 },
  costs: { meaning: 'as slow as a real LMS, with as many workers' },
  html500: { meaning: 'a page that says 500' },
  throttle: { meaning: '429, with a time to wait that is longer than the request has', ms: 60_000 },
  forbidden: { meaning: '403: no rights, or the throttle of registrations and tokens' },
  truncate: { meaning: 'an answer that is cut off' },
  'wrong-json': { meaning: 'text that is no JSON' },
  'wrong-types': { meaning: 'JSON of another shape than the API promises' },
  'foreign-next': { meaning: 'a next page at a host that is not the LMS' },
  endless: { meaning: 'a next page that is the same page again' },
  stale: { meaning: 'the answer of before' },
};

export const modes = Object.keys(modeRows) as FaultMode[];
