/**
 * Makes registrations of one username or e-mail wait for each other, as the database's unique indexes do: the LMS asks
 * Portico inside its transaction, and meanwhile nobody else can take the names.
 */
export class RegistrationQueue {
  readonly #busy = new Map<string, Promise<void>>();

  /** Runs `work` when no other registration holds any of the names. */
  async run<R>(names: readonly string[], work: () => Promise<R>): Promise<R> {
    const keys = [...new Set(names.map((name) => name.toLowerCase()))];
    const before = keys.map((key) => this.#busy.get(key));
    let release = (): void => {};
    const mine = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const key of keys) this.#busy.set(key, mine);
    await Promise.all(before);
    try {
      return await work();
    } finally {
      for (const key of keys) if (this.#busy.get(key) === mine) this.#busy.delete(key);
      release();
    }
  }
}
