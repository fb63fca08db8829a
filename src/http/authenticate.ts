import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LmsTokens } from '../access/lms-tokens.js';
import type { SignIn } from '../access/sign-in.js';
import { expandRoles, nobody, type Viewer } from '../access/viewer.js';
import { ForbiddenError, UnauthenticatedError } from '../errors.js';
import { type AccountSource, findActiveAccount } from '../oauth/account-source.js';
import type { PresentedProof } from '../oauth/token/dpop-proof.js';
import { type AuthenticateToken, type TokenScheme, toViewerAccount } from '../oauth/token/viewer.js';

/**
 * Tells who is asking: by access token when one is sent, else by the cookie of the sign-in session.
 *
 * @param res - to prolong the session's cookie with; left out for a WebSocket, where a token that needs a proof for each
 * request cannot be used
 * @param options - `admitsRestricted`: the caller enforces scopes and the limits of restricted tokens (`Viewer.restriction`);
 * `admitsLmsTokens`: JWTs that the LMS issued are taken, too, where the settings say so; `onOwner`: see {@link AuthenticateToken}
 * @returns nobody, when neither is there
 * @throws {@link UnauthenticatedError} for a token that is not valid: falling back to the cookie would hide the mistake
 * @throws {@link ForbiddenError} for the token of a restricted client where such are not admitted
 */
export type Authenticate = (
  req: IncomingMessage,
  res?: ServerResponse,
  options?: { admitsRestricted?: boolean; admitsLmsTokens?: boolean; onOwner?: Parameters<AuthenticateToken>[3] },
) => Promise<Viewer>;

const schemes = new Map<string, TokenScheme>([
  ['bearer', 'bearer'],
  ['dpop', 'dpop'],
  ['jwt', 'jwt'],
]);

export function createAuthenticate({
  signIn,
  authenticateToken,
  lmsTokens,
  accounts,
}: {
  signIn: Pick<SignIn, 'current'>;
  authenticateToken: AuthenticateToken;
  /** Undefined: the LMS's own tokens are not taken. */
  lmsTokens?: LmsTokens | undefined;
  accounts: AccountSource;
}): Authenticate {
  const bySession = async (req: IncomingMessage, res: ServerResponse | undefined): Promise<Viewer> => {
    const session = await signIn.current(req, res);
    const account = session && (await findActiveAccount(accounts, session.accountId));
    if (!account) return nobody;
    return {
      via: 'session',
      account: toViewerAccount(account),
      clientId: undefined,
      scopes: undefined,
      roles: expandRoles(account.roles),
      expiresAt: undefined,
      sessionUid: session.uid,
      restsOn: [`session:${session.uid}`, `account:${account.id}`],
    };
  };
  return async (req, res, { admitsRestricted = false, admitsLmsTokens = false, onOwner } = {}) => {
    const { scheme, token } = parseAuthorization(req.headers.authorization);
    if (!scheme) return bySession(req, res);
    if (admitsLmsTokens && scheme === 'jwt' && token && lmsTokens?.isOfLms(token)) return lmsTokens.authenticate(token);
    const viewer = token ? await authenticateToken(token, scheme, res && proofOf(req), onOwner) : undefined;
    if (viewer?.restriction && !admitsRestricted)
      throw new ForbiddenError('The access token is that of a restricted client, which may not call this.');
    if (viewer) return viewer;
    const word = scheme === 'dpop' ? 'DPoP' : 'Bearer';
    throw new UnauthenticatedError('The access token is not valid: it is unknown, expired or revoked.', {
      challenge: `${word} error="invalid_token", error_description="the access token is not valid"`,
    });
  };
}

/** @returns no scheme for headers that are not ours to judge, e.g. the Basic of a proxy in front */
function parseAuthorization(header: string | undefined): {
  scheme?: TokenScheme | undefined;
  token?: string | undefined;
} {
  const [word = '', token, ...more] = (header ?? '').trim().split(/ +/);
  return { scheme: schemes.get(word.toLowerCase()), token: more.length === 0 ? token : undefined };
}

function proofOf(req: IncomingMessage): PresentedProof | undefined {
  const { dpop: jwt } = req.headers;
  return typeof jwt === 'string' ? { jwt, method: req.method ?? '', path: req.url ?? '' } : undefined;
}
