import type { Writable } from 'node:stream';

/** What may wait at one connection; beyond it the client is hopelessly behind. */
const maxWaiting = 200;

/**
 * Writes answers that tell a state to a stream that may be slow. What is not taken waits, one chunk for each state: when the stream has
 * room again, the latest of each is written, and what it made needless is not.
 */
export class LatestOutlet implements Disposable {
  readonly #stream: Writable;
  readonly #onOverflow: () => void;
  readonly #waiting = new Map<string, () => Buffer | undefined>();
  readonly #onDrain = () => this.#flush();

  /**
   * @param onOverflow - told when too many different states wait, so that the connection has to be given up
   */
  constructor(stream: Writable, onOverflow: () => void) {
    this.#stream = stream;
    this.#onOverflow = onOverflow;
    stream.on('drain', this.#onDrain);
  }

  /** @param compose - makes the chunk when it is its turn; nothing, when there is nobody left to take it */
  write(state: string, compose: () => Buffer | undefined): void {
    if (!this.#stream.writableNeedDrain) {
      this.#writeNow(compose);
      return;
    }
    this.#waiting.delete(state);
    this.#waiting.set(state, compose);
    if (this.#waiting.size > maxWaiting) {
      this.#waiting.clear();
      this.#onOverflow();
    }
  }

  /** Drops what waits under names that begin so. */
  forget(prefix: string): void {
    for (const state of this.#waiting.keys()) if (state.startsWith(prefix)) this.#waiting.delete(state);
  }

  [Symbol.dispose](): void {
    this.#stream.off('drain', this.#onDrain);
    this.#waiting.clear();
  }

  #flush(): void {
    for (const [state, compose] of this.#waiting) {
      if (this.#stream.writableNeedDrain) return;
      this.#waiting.delete(state);
      this.#writeNow(compose);
    }
  }

  #writeNow(compose: () => Buffer | undefined): void {
    const chunk = compose();
    if (chunk) this.#stream.write(chunk);
  }
}
