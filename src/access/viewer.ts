/** Roles in the words of the graph. ADMIN includes SUPPORT includes STAFF; every account is a LEARNER. */
export type Role = 'LEARNER' | 'STAFF' | 'SUPPORT' | 'ADMIN' | 'PARTNER';

/** Limits of a restricted token beside its scopes, for the doors that enforce them; see {@link Viewer.restriction}. */
export interface TokenRestriction {
  /** Organizations whose courses the token may concern; all, when empty. */
  readonly organizations: readonly string[];
  /** Third-party-auth providers that the token may concern; none, when empty. */
  readonly providers: readonly string[];
}

/** The account behind a request, as far as access decisions need it. */
export interface ViewerAccount {
  id: string;
  username: string;
  email: string;
  name: string;
}

/**
 * Who is asking: nobody, a person by session cookie, or an account or client by access token. Built once per request or
 * socket; everything decides by it alone.
 */
export interface Viewer {
  readonly via: 'nobody' | 'session' | 'token';
  readonly account: ViewerAccount | undefined;
  /** The OAuth client that the token was issued to. */
  readonly clientId: string | undefined;
  /** What the token allows; `undefined` for a session, which is not limited by scopes. */
  readonly scopes: ReadonlySet<string> | undefined;
  /** Set for the token of a restricted client. Only doors that enforce scopes and these limits let such a viewer in. */
  readonly restriction?: TokenRestriction | undefined;
  /** The token is the client's own (client_credentials), not one that a person gave it. */
  readonly isClientItself?: boolean | undefined;
  /** With everything that a role includes. */
  readonly roles: ReadonlySet<Role>;
  /** When the token ends; a socket closes then. */
  readonly expiresAt: Date | undefined;
  /** Stable id of the sign-in session, for a viewer by cookie. */
  readonly sessionUid: string | undefined;
  /** The facts that this rests on, as changes name them when they end; left out when changes do not tell of all of them. */
  readonly restsOn?: readonly string[] | undefined;
}

export const nobody: Viewer = {
  via: 'nobody',
  account: undefined,
  clientId: undefined,
  scopes: undefined,
  roles: new Set(),
  expiresAt: undefined,
  sessionUid: undefined,
};

const included: Record<Role, readonly Role[]> = {
  LEARNER: ['LEARNER'],
  PARTNER: ['PARTNER'],
  STAFF: ['STAFF'],
  SUPPORT: ['SUPPORT', 'STAFF'],
  ADMIN: ['ADMIN', 'SUPPORT', 'STAFF', 'PARTNER'],
};

/** All roles that an account has, those that its roles include among them. */
export function expandRoles(granted: readonly Role[]): ReadonlySet<Role> {
  return new Set<Role>(['LEARNER', ...granted.flatMap((role) => included[role])]);
}
