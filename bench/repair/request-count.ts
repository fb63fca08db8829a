/** Counts what a sandbox receives, whose log keeps only the last calls. */
export class RequestCount {
  calls = 0;
  /** Registrations that the LMS answered with success. */
  registrations = 0;
  #last = 0;

  constructor(private readonly lmsUrl: string) {}

  async look(): Promise<void> {
    const answer = await fetch(`${this.lmsUrl}/_sandbox/requests?since=${this.#last}`);
    const entries = (await answer.json()) as { seq: number; method: string; path: string; status: number }[];
    for (const { seq, method, path, status } of entries) {
      this.#last = seq;
      if (path.startsWith('/_sandbox')) continue;
      this.calls += 1;
      if (method === 'POST' && path.includes('/account/registration/') && status === 200) this.registrations += 1;
    }
  }
}
