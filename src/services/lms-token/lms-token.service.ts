import { decodeJwt } from 'jose';
import type { Scope } from '../../access/scopes.js';
import { expandRoles, type Viewer } from '../../access/viewer.js';
import type { LmsJwtVerifier } from '../../datasources/lms/published-keys.js';
import { ForbiddenError, UnauthenticatedError } from '../../errors.js';
import type { Account } from '../account/account.service.js';
import type { EdxLinkService } from '../edx-link/edx-link.service.js';

/** Tells who stands behind a JWT that the LMS issued, for partners who obtain theirs there. */
export interface LmsTokens {
  /** Whether a token says that the LMS issued it; nothing is verified. */
  isOfLms(token: string): boolean;
  /**
   * The account that is tied to the token's LMS user. An LMS user whom nothing ties to an account is somebody, with no right to
   * anything.
   *
   * @throws {@link UnauthenticatedError} for a token that is not valid, `NAMELESS` for one that names nobody
   * @throws {@link ForbiddenError} for that of a restricted application
   * @throws UpstreamUnavailableError when the keys of the LMS cannot be read
   */
  authenticate(token: string): Promise<Viewer>;
}

/** What the APIs that take such tokens are for. The LMS's own scopes say nothing of them; grants and roles do. */
const scopes: ReadonlySet<Scope> = new Set<Scope>(['programs:read', 'programs:write', 'tpa:read']);

export function createLmsTokens({
  verifier,
  issuer,
  edxLinks,
  accounts,
}: {
  verifier: LmsJwtVerifier;
  issuer: string;
  edxLinks: Pick<EdxLinkService, 'findByEdxUsername'>;
  accounts: { findById(id: string): Promise<Readonly<Account> | null> };
}): LmsTokens {
  const findAccount = async (lmsUsername: string): Promise<Readonly<Account> | undefined> => {
    const link = await edxLinks.findByEdxUsername(lmsUsername);
    const account = link?.state === 'LINKED' ? await accounts.findById(link.accountId) : null;
    return account?.status === 'ACTIVE' ? account : undefined;
  };

  return {
    isOfLms(token) {
      try {
        return decodeJwt(token).iss === issuer;
      } catch {
        return false;
      }
    },
    async authenticate(token) {
      const claims = await verifier.verify(token);
      if (!claims) throw new UnauthenticatedError('The token of the LMS is not valid: it is unknown, or has expired.');
      const lmsUsername = claims.preferred_username ?? claims.username;
      if (typeof lmsUsername !== 'string' || lmsUsername === '')
        throw new UnauthenticatedError('The token of the LMS names nobody.', { reason: 'NAMELESS' });
      if (claims.is_restricted === true)
        throw new ForbiddenError('The token is that of a restricted application of the LMS, which may not call this.');
      const account = lmsUsername.includes('\0') ? undefined : await findAccount(lmsUsername);
      return {
        via: 'token',
        account: account && { id: account.id, username: account.username, email: account.email, name: account.name },
        clientId: undefined,
        scopes,
        roles: account ? expandRoles(account.roles) : new Set(),
        expiresAt: new Date((claims.exp ?? 0) * 1000),
        sessionUid: undefined,
      };
    },
  };
}
