/** Where the LMS sends the codes of learners' API tokens. */
export const redirectUri = 'http://localhost:8053/login/_private/complete';

/** Somebody of the LMS whom nothing else in a test concerns, with API tokens of theirs. */
export interface Learner {
  username: string;
  token: string;
  refreshToken: string;
  /** Worth a token, sent to {@link redirectUri}. */
  code: string;
  /** Id of ada, who takes part in the demo, in the LMS. */
  adaId: number;
}
