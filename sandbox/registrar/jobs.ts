import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FileFormat } from './result-file.js';

/** Each of the first two states lasts at least this long, so that it can be seen. */
const VISIBLE_MS = 100;

export type JobState = 'Pending' | 'In Progress' | 'Succeeded' | 'Failed';

export interface Outcome {
  readonly file: string;
  /** What a write or a list of grades says of its rows, by a status code; null for other reads. */
  readonly text: string | null;
}

export interface Job {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  /** Key of the program that it writes to; null for reads. */
  readonly writesTo: string | null;
  readonly format: FileFormat;
  readonly created: string;
  readonly state: JobState;
  readonly outcome: Outcome | null;
}

export type NewJob = Pick<Job, 'name' | 'owner' | 'writesTo' | 'format'>;

export function isUnfinished({ state }: Job): boolean {
  return state === 'Pending' || state === 'In Progress';
}

/** The Registrar's background jobs, oldest first. They live as long as the process. */
export class Jobs {
  readonly #jobs = new Map<string, Job>();
  readonly #closing = new AbortController();

  /** Aborted when the sandbox ends. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  find(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  unfinishedOf(owner: string): Job[] {
    return [...this.#jobs.values()].filter((job) => job.owner === owner && isUnfinished(job));
  }

  isWriting(programKey: string): boolean {
    return [...this.#jobs.values()].some((job) => job.writesTo === programKey && isUnfinished(job));
  }

  /** @returns the job's id; the work begins later, and a job that fails tells nobody why */
  start(job: NewJob, work: () => Promise<Outcome>): string {
    const id = randomUUID();
    const created = new Date().toISOString().replace('Z', '000Z');
    this.#jobs.set(id, { ...job, id, created, state: 'Pending', outcome: null });
    void this.#run(id, work);
    return id;
  }

  async #run(id: string, work: () => Promise<Outcome>): Promise<void> {
    try {
      await delay(VISIBLE_MS, undefined, { signal: this.signal });
      this.#change(id, { state: 'In Progress' });
      await delay(VISIBLE_MS, undefined, { signal: this.signal });
      this.#change(id, { state: 'Succeeded', outcome: await work() });
    } catch {
      this.#change(id, { state: 'Failed' });
    }
  }

  #change(id: string, change: Partial<Pick<Job, 'state' | 'outcome'>>): void {
    const job = this.#jobs.get(id);
    if (job) this.#jobs.set(id, { ...job, ...change });
  }

  clear(): void {
    this.#jobs.clear();
  }

  close(): void {
    this.#closing.abort();
  }
}
