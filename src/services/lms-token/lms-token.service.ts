import { decodeJwt } from 'jose';
import type { LmsTokens } from '../../access/lms-tokens.js';
import type { Scope } from '../../access/scopes.js';
import { expandRoles } from '../../access/viewer.js';
import type { LmsJwtVerifier } from '../../datasources/lms/published-keys.js';
import { ForbiddenError, UnauthenticatedError } from '../../errors.js';
import type { Account } from '../account/account.service.js';
import type { EdxLinkService } from '../edx-link/edx-link.service.js';

/** What the APIs that take such tokens are for. The LMS's own scopes say nothing of them; grants and roles do. */
const scopes: ReadonlySet<Scope> = new Set<Scope>(['programs:read', 'programs:write', 'tpa:read']);

/** @param issuer - what the LMS's tokens say issued them */
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
