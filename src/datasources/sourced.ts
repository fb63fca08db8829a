/** A value of an upstream, with what a reader must know of its age. */
export interface Sourced<T> {
  value: T;
  /** When the upstream said so. */
  asOf: Date;
  /** True when the value should have been read again and the upstream did not let us. */
  stale: boolean;
  /** Who said so, e.g. `lms`. */
  source: string;
}

/** Why something in a request is stale or missing. */
export interface UpstreamTrouble {
  upstream: string;
  /** Stable word, e.g. `unreachable`, `timeout`, `throttled`, `rejected`. */
  code: string;
  /** Since when reads of this kind fail. */
  since: Date;
}
