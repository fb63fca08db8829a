import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';

/** Requests that the recorded LMS worked on at a time: 2 processes with 4 threads. */
const WORKERS = 8;

interface Cost {
  readonly path: RegExp;
  /** Only calls of this method, and with a query that matches. */
  readonly method?: string;
  readonly query?: RegExp;
  readonly callMs: number;
  /** For each row of a list; an object that is no list is one row. */
  readonly rowMs: number;
}

/** Fitted to the medians of the recorded LMS. The first entry that matches counts. */
const COSTS: readonly Cost[] = [
  { path: /^\/heartbeat/, callMs: 13, rowMs: 0 },
  { path: /\/api\/user\/v1\/me$/, callMs: 18, rowMs: 0 },
  // Matching parts of keys makes the database look at every row.
  { path: /\/api\/enrollment\/v1\/enrollments/, query: /course_ids=/, callMs: 50, rowMs: 0.55 },
  { path: /\/api\/enrollment\/v1\/enrollments/, callMs: 29, rowMs: 0.5 },
  { path: /\/api\/enrollment\/v1\/enrollment$/, method: 'POST', callMs: 79, rowMs: 0 },
  { path: /\/api\/enrollment\/v1\/enrollment$/, callMs: 30, rowMs: 5 },
  { path: /\/api\/enrollment\/v1\/enrollment\//, callMs: 32, rowMs: 0 },
  { path: /\/api\/enrollment\/v1\/course\//, callMs: 12, rowMs: 0 },
  { path: /\/api\/grades\/v1\/section_grades_breakdown/, callMs: 100, rowMs: 51 },
  { path: /\/api\/grades\/v1\/gradebook/, callMs: 60, rowMs: 8 },
  { path: /\/api\/grades\/v1\/courses/, query: /username=/, callMs: 31, rowMs: 0 },
  { path: /\/api\/grades\/v1\/courses/, callMs: 70, rowMs: 1.37 },
  { path: /\/api\/certificates\/.*\/courses\//, callMs: 32, rowMs: 0 },
  { path: /\/api\/certificates\//, callMs: 36, rowMs: 10 },
  { path: /\/accounts\/search_emails/, callMs: 29, rowMs: 0.05 },
  { path: /\/api\/user\/v1\/accounts/, callMs: 25, rowMs: 18 },
  { path: /\/api\/third_party_auth\//, callMs: 32, rowMs: 0.05 },
  { path: /\/api\/courses\/v1\/courses\/$/, callMs: 40, rowMs: 2 },
  { path: /\/api\/courses\/v1\/courses\//, callMs: 46, rowMs: 0 },
  { path: /\/api\/courses\/v[12]\/blocks/, callMs: 108, rowMs: 0 },
  { path: /\/api\/learner_home\//, callMs: 146, rowMs: 0 },
  { path: /\/oauth2\/access_token/, callMs: 38, rowMs: 0 },
  { path: /\/account\/registration/, callMs: 727, rowMs: 0 },
  { path: /^\/auth\//, callMs: 55, rowMs: 0 },
];
/** What was not measured costs as much as the cheapest reads. */
const UNMEASURED = { callMs: 30, rowMs: 1 };

/** Milliseconds that the recorded LMS takes for a call whose answer has so many rows. */
export function costOf({ method, path, rawQuery }: Pick<Call, 'method' | 'path' | 'rawQuery'>, rows: number): number {
  const { callMs, rowMs } =
    COSTS.find(
      (cost) =>
        cost.path.test(path) &&
        (cost.method === undefined || cost.method === method) &&
        (cost.query === undefined || cost.query.test(rawQuery)),
    ) ?? UNMEASURED;
  return callMs + rowMs * rows;
}

/** Makes answers as slow as the recorded LMS: per call, per row, eight at a time. */
export class RecordedCosts {
  #busy = 0;
  readonly #waiting: (() => void)[] = [];

  async charge(call: Call, work: () => Promise<Answer>): Promise<Answer> {
    if (this.#busy >= WORKERS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy += 1;
    try {
      const answer = await work();
      await delay(costOf(call, countRows(answer)));
      return answer;
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy -= 1;
    }
  }
}

function countRows(answer: Answer): number {
  if (answer.contentType !== 'application/json' || answer.body === null) return 0;
  const value: unknown = JSON.parse(answer.body);
  if (Array.isArray(value)) return value.length;
  const results = value !== null && typeof value === 'object' && 'results' in value ? value.results : null;
  return Array.isArray(results) ? results.length : 1;
}
