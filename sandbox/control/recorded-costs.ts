import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';

/** Requests that the recorded LMS worked on at a time: 2 processes with 4 threads. */
const WORKERS = 8;

/** Milliseconds of a call and of each row in its answer, by path: medians of the recorded LMS. First match wins. */
const COSTS: readonly (readonly [path: RegExp, callMs: number, rowMs: number])[] = [
  [/^\/heartbeat/, 13, 0],
  [/\/api\/user\/v1\/me$/, 18, 0],
  [/\/api\/enrollment\/v1\/enrollments/, 30, 0.5],
  [/\/api\/enrollment\/v1\/enrollment$/, 30, 5],
  [/\/api\/enrollment\/v1\/enrollment\//, 32, 0],
  [/\/api\/enrollment\/v1\/course\//, 12, 0],
  [/\/api\/grades\/v1\/section_grades_breakdown/, 100, 50],
  [/\/api\/grades\/v1\/gradebook/, 60, 8],
  [/\/api\/grades\/v1\/courses/, 30, 1.5],
  [/\/api\/certificates\//, 32, 10],
  [/\/accounts\/search_emails/, 30, 0.05],
  [/\/api\/user\/v1\/accounts/, 25, 18],
  [/\/api\/third_party_auth\//, 32, 0.05],
  [/\/api\/courses\/v1\/courses\/$/, 40, 2],
  [/\/api\/courses\/v1\/courses\//, 46, 0],
  [/\/oauth2\/access_token/, 38, 0],
  [/\/account\/registration/, 727, 0],
  [/^\/auth\//, 55, 0],
];

/** Makes answers as slow as the recorded LMS: per call, per row, eight at a time. */
export class RecordedCosts {
  #busy = 0;
  readonly #waiting: (() => void)[] = [];

  async charge(call: Call, work: () => Promise<Answer>): Promise<Answer> {
    if (this.#busy >= WORKERS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy += 1;
    try {
      const answer = await work();
      const [, callMs, rowMs] = COSTS.find(([path]) => path.test(call.path)) ?? [null, 30, 1];
      await delay(callMs + rowMs * countRows(answer));
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
  return value !== null && typeof value === 'object' && 'results' in value && Array.isArray(value.results)
    ? value.results.length
    : 0;
}
