import { eventually } from '../../support/eventually.js';
import type { Improvement } from './improvement.js';
import type { RegistrarExchange } from './parse-registrar.js';
import type { RegistrarStage } from './registrar-stage.js';
import { curriculumUuid, programUuid } from './stage-learners.js';
import { type UpstreamCalls, UpstreamListener } from './upstream-calls.js';

/** What Portico answered, in the terms of the recording. */
export interface Replayed {
  status: number;
  body: unknown;
  allow: string | null;
  /** `WWW-Authenticate` */
  challenge: string | null;
  job?: { state: string; text: string | null };
  result?: string;
  /** What was sent to the LMS for it. */
  sent: UpstreamCalls;
}

interface AskOptions {
  /** What is expected in place of what was recorded. */
  improvement: Improvement | undefined;
  /** What happens before the end of the job is awaited. */
  meanwhile: ((stage: RegistrarStage) => Promise<void>) | undefined;
}

/** Asks Portico what Registrar was asked, one exchange after the other of one file. */
export class Replay implements Disposable {
  readonly #jobs = new Map<string, string>();
  readonly #sessions = new Map<string, Promise<string>>();
  readonly #listener = new UpstreamListener();

  constructor(private readonly stage: RegistrarStage) {}

  /** Asks again while a job has not come as far as it had when it was recorded, unless that is different on purpose. */
  async ask(exchange: RegistrarExchange, how: AskOptions): Promise<Replayed> {
    const state = how.improvement ? undefined : /"state":"(In Progress|Succeeded)"/.exec(exchange.answer)?.[1];
    for (let left = 100; ; left -= 1) {
      const replayed = await this.#askOnce(exchange, how);
      if (state === undefined || left === 0 || JSON.stringify(replayed.body)?.includes(`"state":"${state}"`))
        return replayed;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Has a job be known by the recording's word for it. */
  nameJob(mark: string, id: string): void {
    this.#jobs.set(mark, id);
  }

  async #askOnce(exchange: RegistrarExchange, { improvement, meanwhile }: AskOptions): Promise<Replayed> {
    const { site } = this.stage;
    const headers = new Headers();
    for (const [name, value] of Object.entries(exchange.headers)) headers.set(name, await this.#fill(value));
    const isUpload = /^\w+=\S*$/m.test(exchange.body.split('\n')[0] ?? '') && exchange.target.includes('/upload');
    const body = isUpload ? formOf(exchange.body) : await this.#fill(writeOut(exchange));
    if (typeof body === 'string' && body !== '' && !headers.has('content-type'))
      headers.set('content-type', 'application/json');
    const hasBody = exchange.method !== 'GET' && exchange.method !== 'HEAD' && body !== '';
    const answer = await fetch(site.url + (await this.#fill(exchange.target)), {
      method: exchange.method,
      headers,
      redirect: 'manual',
      ...(hasBody && { body }),
    });
    const text = await answer.text();
    const parsed = parse(text);
    const expected = improvement && 'body' in improvement ? JSON.stringify(improvement.body) : exchange.answer;
    const replayed: Omit<Replayed, 'sent'> = {
      status: answer.status,
      body: this.#learn(expected, parsed),
      allow: answer.headers.get('allow'),
      challenge: answer.headers.get('www-authenticate'),
    };
    const jobId = isBegun(parsed) ? parsed.job_id : this.#jobs.get(/\{job-\d+\}/.exec(exchange.answer)?.[0] ?? '');
    await meanwhile?.(this.stage);
    if ((exchange.job || improvement?.job) && jobId !== undefined && answer.status < 300)
      await this.#follow(exchange, { id: jobId, improvement }, replayed);
    return { ...replayed, sent: this.#listener.take() };
  }

  [Symbol.dispose](): void {
    this.#listener[Symbol.dispose]();
  }

  /** What was recorded, with what stands for values of the day. */
  recordedBody(exchange: RegistrarExchange, bodies: ReadonlyMap<string, unknown>): unknown {
    const same = /^<same body as (\w+)>$/.exec(exchange.answer)?.[1];
    return same === undefined ? tidy(parse(exchange.answer)) : bodies.get(same);
  }

  async #follow(
    { headers, job, result }: RegistrarExchange,
    { id, improvement }: { id: string; improvement: Improvement | undefined },
    replayed: Omit<Replayed, 'sent'>,
  ): Promise<void> {
    const states = improvement?.job?.startsWith('Retrying') ? ['Retrying'] : ['Succeeded', 'Failed'];
    const authorization = await this.#fill(headers.authorization ?? '');
    const ended = await eventually(
      `job ${id} is ${states.join(' or ')}, and was ${job?.state}`,
      async () => {
        const answer = await fetch(`${this.stage.site.url}/api/v1/jobs/${id}`, { headers: { authorization } });
        const polled = (await answer.json()) as { state: string; text: string | null; result: string | null };
        return states.includes(polled.state) && polled;
      },
      { deadlineMs: 20_000 },
    );
    replayed.job = { state: ended.state, text: ended.text };
    if ((result ?? improvement?.result) != null && ended.result !== null) {
      const file = await (await fetch(ended.result)).text();
      replayed.result = file.replaceAll('\r\n', '⏎\n').trimEnd();
    }
  }

  /** Once for each of the people: it is a session that lasts. */
  #cookiesOf(name: string): Promise<string> {
    const known = this.#sessions.get(name) ?? this.stage.cookiesOf(name);
    this.#sessions.set(name, known);
    return known;
  }

  /** Puts values of this day in place of what stands for them. */
  async #fill(text: string): Promise<string> {
    const name = /^(jwt) <(\w+)>$/i.exec(text) ?? /^(bearer) <(\w+)>$/i.exec(text);
    if (name) return `${name[1]} ${await this.stage.tokenOf(name[2] ?? '')}`;
    const signedIn = /registrar_sessionid=<(\w+)>/.exec(text);
    if (signedIn) return text.replace(signedIn[0], await this.#cookiesOf(signedIn[1] ?? ''));
    return text
      .replace(/\{P(\d)\}/g, (_, number: string) => programUuid(number))
      .replace(/\{C(\d)\}/g, (_, number: string) => curriculumUuid(number))
      .replace(/\{job-\d+\}/g, (mark) => this.#jobs.get(mark) ?? mark);
  }

  /** Learns ids of jobs, and puts the recording's words for this day's values into an answer. */
  #learn(recorded: string, answer: unknown): unknown {
    const marks = recorded.match(/\{job-\d+\}/g) ?? [];
    if (isBegun(answer) && marks[0] !== undefined && !this.#jobs.has(marks[0])) this.#jobs.set(marks[0], answer.job_id);
    let text = JSON.stringify(answer);
    for (const [mark, id] of this.#jobs) text = text.replaceAll(id, mark);
    return tidy(JSON.parse(text.replaceAll(this.stage.site.url, 'http://localhost:18734')));
  }
}

function isBegun(body: unknown): body is { job_id: string } {
  return typeof body === 'object' && body !== null && 'job_id' in body && 'job_url' in body;
}

function parse(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text.startsWith('<HTML') || /^<!doctype|<html/i.test(text) ? '<HTML>' : text;
  }
}

/** Times of the day, and where a file is kept, are none of what is compared. */
function tidy(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body ?? null), (key, value: unknown) => {
    if (key === 'created' || key === 'requestId') return 'then';
    if (key === 'download_url' && typeof value === 'string')
      return `an address of ${new URL(value).pathname.split('/').at(-1)}`;
    return key === 'result' && typeof value === 'string' ? 'a file' : value;
  });
}

/** The rows that the recording only counts. */
function writeOut({ body, answer, target }: RegistrarExchange): string {
  const [, count = '', rest = ''] = /^\[ … (\d+) rows.*…(.*)\]$/.exec(body.trim()) ?? [];
  if (count === '') return body;
  const status = target.includes('/courses/') ? 'active' : 'pending';
  const keys = answer.startsWith('{"n') ? Object.keys(JSON.parse(answer) as object) : [];
  const rows = Array.from({ length: Number(count) }, (_, n) =>
    JSON.stringify({ student_key: keys[n] ?? `n${String(n).padStart(2, '0')}`, status }),
  );
  return `[${rows.join()}${rest}]`;
}

function formOf(body: string): FormData {
  const [first = '', ...rest] = body.split('\n');
  const [field = 'file', name = 'e.csv'] = first.split('=');
  const form = new FormData();
  form.set(field, new Blob([contentOf(rest.join('\n'))]), name);
  return form;
}

/** The file, with what the recording tells in words written out. */
function contentOf(told: string): string {
  const bytes =
    /^… (\d+) bytes …$/.exec(told)?.[1] ?? (told === '… too large …' ? String(5 * 1024 * 1024 + 1) : undefined);
  if (bytes !== undefined) return `student_key,status\n${'\n'.repeat(Number(bytes))}`.slice(0, Number(bytes));
  const [, many = '', letter = '', , statusOfAll = ''] =
    /^… (\d+) rows ([a-z])00 … [a-z](\d+), (?:all )?(\w+) …$/.exec(told) ?? [];
  if (many !== '') {
    const keys = Array.from({ length: Number(many) }, (_, n) => `${letter}${String(n).padStart(2, '0')}`);
    return `student_key,status\n${keys.map((key) => `${key},${statusOfAll}`).join('\n')}\n`;
  }
  const [, count = '', first = '', status = '', last = ''] =
    /… (\d+) rows: k(\d+),(\w+) down to k(\d+),\w+ …/.exec(told) ?? [];
  if (count !== '') {
    const numbers = Array.from({ length: Number(count) }, (_, n) => Number(first) - n);
    if (numbers.at(-1) !== Number(last)) throw new Error(`these are not ${count} rows: ${told}`);
    return `student_key,status\n${numbers.map((n) => `k${String(n).padStart(2, '0')},${status}`).join('\n')}\n`;
  }
  return `${told.replaceAll('⏎', '\r').replaceAll('<CR>', '\r').replaceAll('<BOM>', '\uFEFF')}\n`;
}
