import type { IncomingMessage, ServerResponse } from 'node:http';

/** Who ends something of an account, when it is not its owner. */
export interface Revoker {
  accountId: string | null;
  clientId?: string | null;
  address?: string | null;
}

/** How a person proved who they are, in the words of RFC 8176. */
export type AuthenticationMethod = 'pwd' | 'otp' | 'hwk' | 'swk' | 'user';

export interface SignInSession {
  uid: string;
  accountId: string;
}

/** One sign-in session as its owner sees it. */
export interface SessionSummary {
  uid: string;
  userAgent: string | undefined;
  address: string | undefined;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date | undefined;
}

/** What a client is held to, as far as the person should know who is asked for consent. */
export interface ClientLimits {
  /** It learns that and as whom the person signed in, and can call nothing. */
  isForSignInOnly: boolean;
  /** What is left of the scopes that it asks for. */
  leftScopes: readonly string[];
  /** Organizations whose courses it may deal with; all, when empty. */
  organizations: readonly string[];
  /** Identity providers whose mappings it may read. */
  providers: readonly string[];
}

/** What the pages need to know about an authorization request that waits for a person. */
export interface PendingInteraction {
  uid: string;
  prompt: 'login' | 'consent';
  clientId: string;
  clientName: string;
  /** The LMS asks, whose client has a technical name, by which an operator finds it. */
  isForLms: boolean;
  /** Scopes that the person has not yet allowed; for the consent page. */
  missingScopes: string[];
  /** For a client that is restricted. */
  limits: ClientLimits | undefined;
  /** Prefills the identifier field. */
  loginHint: string | undefined;
  /** The languages that the person prefers, as the client knows (`ui_locales`), best first. */
  uiLocales: readonly string[];
  accountId: string | undefined;
  /** The person has to prove themselves even when signed in, e.g. for `prompt=login` or `max_age`. */
  mustReauthenticate: boolean;
  /**
   * The authorization request as a path of ours, `/oauth2/authorize/?…`: begins it anew, in another browser too. That of a device
   * goes on in this browser.
   */
  requestPath: string;
}

/**
 * The sign-in session: one for pages, provider and graph. Implemented by the OAuth provider; pages know it by this shape only.
 */
export interface SignIn {
  /** @param res - to prolong the cookie with; a WebSocket has none */
  current(req: IncomingMessage, res?: ServerResponse): Promise<SignInSession | undefined>;
  /** Starts a session with a new identifier and sets the cookie. */
  establish(
    req: IncomingMessage,
    res: ServerResponse,
    accountId: string,
    methods: AuthenticationMethod[],
  ): Promise<void>;
  /** Ends the session, its grants and its clients' sessions; harmless without one. */
  end(req: IncomingMessage, res: ServerResponse): Promise<void>;
  list(accountId: string): Promise<SessionSummary[]>;
  /** @param by - the owner when left out */
  revoke(accountId: string, uid: string, by?: Revoker): Promise<boolean>;
  /** Ends every session, token and grant of an account, but for one session and what it gave when given. */
  revokeAll(accountId: string, except?: string, by?: Revoker): Promise<void>;
  /** The authorization request that this browser is in the middle of. */
  interaction(req: IncomingMessage, res: ServerResponse): Promise<PendingInteraction | undefined>;
  /**
   * Ends the login prompt; answers the URL to go on to.
   *
   * @param methods - how the person has just proved themselves; empty when they did not, but are signed in already: then it
   * counts as the sign-in that it was, with its time
   */
  finishLogin(
    req: IncomingMessage,
    res: ServerResponse,
    accountId: string,
    methods: AuthenticationMethod[],
  ): Promise<string>;
  finishConsent(req: IncomingMessage, res: ServerResponse, allowedScopes: string[]): Promise<string>;
  /** The person declined; answers the URL that tells the client. */
  abort(req: IncomingMessage, res: ServerResponse): Promise<string>;
}
