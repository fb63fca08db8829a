/**
 * What the services need of the OAuth provider, by shape only: they know nothing of how tokens and sessions are made.
 */

/** One short-lived token in the name of an account, for the LMS to call back with. */
export interface RegistrationToken {
  readonly token: string;
  /** Ends the token at once; harmless when it has ended already. */
  revoke(): Promise<void>;
}

export interface RegistrationTokens {
  /**
   * Mints an access token of scope `user:read` for the LMS's client. It is committed when this answers, so that the LMS may
   * use it while its registration call is still open.
   */
  mint(accountId: string): Promise<RegistrationToken>;
}

/** A sign-in session without a browser, for one exchange of a learner's API token. */
export interface HeadlessSession {
  /** Value of a `Cookie` header; to be sent to Portico's own origin only. */
  readonly cookieHeader: string;
  close(): Promise<void>;
}

export interface HeadlessSessions {
  open(accountId: string): Promise<HeadlessSession>;
}
