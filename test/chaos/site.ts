/** Whom a kill meets. */
export type Victim = 'product' | 'web' | 'worker' | 'postgres' | 'sandbox';

/** A Portico with its PostgreSQL and its LMS, all of which can be killed. */
export interface ChaosSite extends AsyncDisposable {
  readonly databaseUrl: string;
  readonly lmsUrl: string;
  /** Credentials of the service worker at the sandbox, to ask the LMS for its side of the story. */
  readonly workerClient: { clientId: string; clientSecret: string };
  /** Whom the kills meet, one after the other, then from the first again. */
  readonly killings: readonly (readonly Victim[])[];
  /** Starts whatever does not run, and waits until it takes requests. */
  start(): Promise<void>;
  /** Whether all that should run does; a process that gave up by itself would be a finding. */
  readonly isRunning: boolean;
  /** SIGKILL, at once for all: nothing is flushed, nobody is told. */
  kill(victims: readonly Victim[]): Promise<void>;
  /** `PUT` on a lever of the sandbox. */
  pullLever(path: string, body: unknown): Promise<void>;
}
