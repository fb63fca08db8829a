import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { authenticate } from '../lms/auth/authenticate.js';
import { type Answer, empty, html, json } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { errorMarkup } from '../lms/http/error-page.js';
import { respond } from '../lms/http/respond.js';
import type { Site } from '../lms/http/site.js';
import type { View } from '../lms/http/view.js';
import type { Lms } from '../lms/lms.js';
import type { Fault } from '../lms/rows.js';
import { RecordedCosts } from './recorded-costs.js';
import { endlessNext, foreignNext, wrongJson, wrongTypes } from './spoiled-answers.js';

/** What a `slow` fault waits when it does not say. */
const DEFAULT_SLOW_MS = 2_000;
/** What a `throttle` fault asks the caller to wait when it does not say. */
const DEFAULT_WAIT_MS = 5_000;
/** How often a call that is held looks whether it may go on. */
const HOLD_POLL_MS = 10;
/** Answers remembered for `stale`. */
const REMEMBERED_ANSWERS = 500;

/** Does to calls what `PUT /_sandbox/faults` ordered. */
export class FaultEngine {
  readonly #costs = new RecordedCosts();
  readonly #previous = new Map<string, Answer>();

  constructor(
    private readonly lms: Lms,
    private readonly site: Site,
    private readonly views: readonly View[],
  ) {}

  /**
   * Serves one call, as its fault says, or as it is.
   *
   * @param work - runs the LMS; faults that refuse do not call it
   * @param log - writes the call's log entry; always before anything is sent
   */
  async serve(
    call: Call,
    response: ServerResponse,
    work: () => Promise<Answer>,
    log: (status: number) => Promise<void>,
  ): Promise<void> {
    const fault = this.#take(call);
    const send = async (answer: Answer): Promise<void> => {
      await log(answer.status);
      respond(response, call, answer);
    };
    if (fault === null) return send(this.#remember(call, await work()));
    // Refusals run before the LMS looks at the credentials; the log names them all the same.
    const recognise = async (): Promise<void> => {
      call.caller = await authenticate(this.lms, call, 'P1').catch(() => null);
    };
    switch (fault.mode) {
      case 'down':
        await recognise();
        return send(
          html(
            '<html>\n<head><title>503 Service Temporarily Unavailable</title></head>\n<body>\n<center><h1>503 Service Temporarily Unavailable</h1></center>\n</body>\n</html>\n',
            503,
          ),
        );
      case 'html500':
        await recognise();
        return send(html(errorMarkup(500), 500));
      case 'throttle':
        await recognise();
        return send(this.#throttled(call, fault.ms ?? DEFAULT_WAIT_MS));
      case 'forbidden':
        await recognise();
        return send(json({ error_code: 'forbidden-request' }, 403));
      case 'refused':
      case 'reset':
        await recognise();
        await log(0);
        response.socket?.resetAndDestroy();
        return;
      case 'hang':
        await recognise();
        await log(0);
        return;
      case 'slow':
        await delay(fault.ms ?? DEFAULT_SLOW_MS);
        return send(await work());
      case 'hold':
        while (this.#isHeld(call) && !response.destroyed) await delay(HOLD_POLL_MS);
        return send(await work());
      case 'answer':
        await recognise();
        return send(fault.body === undefined ? empty(fault.status) : json(fault.body, fault.status));
      case 'costs':
        return send(await this.#costs.charge(call, work));
      case 'stale':
        return send(this.#previous.get(keyOf(call)) ?? this.#remember(call, await work()));
      case 'lost-answer': {
        const answer = await work();
        await log(answer.status);
        response.socket?.resetAndDestroy();
        return;
      }
      case 'truncate': {
        const answer = await work();
        await log(answer.status);
        truncate(response, call, answer);
        return;
      }
      case 'wrong-json':
        return send(wrongJson(await work()));
      case 'wrong-types':
        return send(wrongTypes(await work()));
      case 'foreign-next':
        return send(foreignNext(await work()));
      case 'endless':
        return send(endlessNext(call, await work()));
    }
  }

  /** Whether there is still a fault that holds calls like this one. */
  #isHeld(call: Call): boolean {
    return [...this.site.faults.values()].some((fault) => fault.mode === 'hold' && meets(fault, call));
  }

  /** The first fault that meets the call, counted down. */
  #take(call: Call): Fault | null {
    for (const [key, fault] of this.site.faults.entries()) {
      if (!meets(fault, call)) continue;
      // What is held is held as long as the fault is there.
      if (fault.times === null || fault.mode === 'hold') return fault;
      if (fault.times > 1) this.site.faults.set(key, { ...fault, times: fault.times - 1 });
      else this.site.faults.delete(key);
      return fault;
    }
    return null;
  }

  #remember(call: Call, answer: Answer): Answer {
    if (call.method === 'GET' && answer.contentType === 'application/json') {
      this.#previous.delete(keyOf(call));
      this.#previous.set(keyOf(call), answer);
      const oldest = this.#previous.keys().next().value;
      if (this.#previous.size > REMEMBERED_ANSWERS && oldest !== undefined) this.#previous.delete(oldest);
    }
    return answer;
  }

  /** A 429 in the words of the view that was called. */
  #throttled(call: Call, waitMs: number): Answer {
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    const detail = `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`;
    const view = this.views.find((each) => each.pattern.test(call.path));
    if (view?.plain) return html(errorMarkup(429), 429);
    if (view?.api?.errors === 'E2') return json({ developer_message: detail }, 429);
    return json({ detail }, 429, [['Retry-After', String(seconds)]]);
  }
}

function keyOf(call: Call): string {
  return `${call.method} ${call.rawPath}?${call.rawQuery} ${call.header('authorization').split(' ')[0]}`;
}

function meets({ method, match }: Fault, call: Call): boolean {
  return (method === null || method.toUpperCase() === call.method) && matchesGlob(match, call.path);
}

/** Whether a path matches a glob in which `*` is any run of characters, slashes included. */
function matchesGlob(glob: string, path: string): boolean {
  const source = glob.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 's').test(path);
}

/** Announces the whole body and sends half of it. */
function truncate(response: ServerResponse, call: Call, answer: Answer): void {
  const body = Buffer.from(answer.body ?? '');
  response.writeHead(answer.status, {
    ...(answer.contentType === null ? {} : { 'Content-Type': answer.contentType }),
    'Content-Length': Math.max(2, body.length),
    Date: call.now.toUTCString(),
  });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}
