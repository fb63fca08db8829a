/** Why an upstream did not do what was asked, as stored beside the row it concerns. `at` is RFC 3339. */
export interface UpstreamFailure {
  upstream: string;
  /** Stable word, e.g. `duplicate-email`, `unreachable`, `enrollment-closed`. */
  code: string;
  /** For a person: what happened and what can be done. */
  message: string;
  retryable: boolean;
  at: string;
}
