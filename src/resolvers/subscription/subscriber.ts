import type { Viewer } from '../../access/viewer.js';

/** Whoever subscribes. Asked again while it lives: sign-outs and revoked tokens must not be outlived by a connection. */
export interface Caller {
  readonly address: string | null;
  /** Who it is, if that was asked no longer ago. */
  recentViewer(maxAgeMs: number): Viewer | undefined;
  /**
   * @param maxAgeMs - how long ago it may have been asked last
   * @throws UnauthenticatedError when token or session has ended
   */
  viewer(maxAgeMs: number): Promise<Viewer>;
  /** What is known of it may no longer be so. */
  doubt(): void;
}

/** The answer to one event, made once for all who may have it. */
export interface SharedAnswer {
  /** Names what it tells the state of: a later answer of the same name makes this one needless. */
  state: string;
  /** The result as JSON. */
  json: Buffer;
}

/** One open subscription, whatever carries it. */
export interface Subscriber {
  readonly caller: Caller;
  next(answer: SharedAnswer): void;
  /** There is nothing more to come. */
  complete(): void;
  /** It may not go on, or cannot. */
  fail(error: unknown): void;
}
