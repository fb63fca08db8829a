import { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/** What may wait at one connection; beyond it the client is hopelessly behind. */
const maxWaiting = 200;

/** Streams that are held back until this turn of the event loop has done what it has to do. */
const heldBack = new Set<Writable>();

function letGo(): void {
  for (const stream of heldBack) stream.uncork();
  heldBack.clear();
}

/**
 * Has what is written in one turn of the event loop reach the system as one write, which costs more than all else about a message. Not
 * of an HTTP answer: one that is held back and ended in the same turn has its end before what it holds.
 */
function holdBack(stream: Writable): void {
  if (heldBack.has(stream) || stream instanceof ServerResponse) return;
  if (heldBack.size === 0) setImmediate(letGo);
  heldBack.add(stream);
  stream.cork();
}

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
    if (!chunk) return;
    holdBack(this.#stream);
    this.#stream.write(chunk);
  }
}
