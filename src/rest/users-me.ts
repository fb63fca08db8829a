import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Viewer } from '../access/viewer.js';
import { UnauthenticatedError } from '../errors.js';
import type { Account } from '../services/account/account.service.js';
import { describeUser } from './user-description.js';

export interface UsersMeDependencies {
  authenticate(
    req: FastifyRequest['raw'],
    res: FastifyReply['raw'],
    options: { admitsRestricted: boolean },
  ): Promise<Viewer>;
  accounts: { findById(id: string): Promise<Readonly<Account> | null> };
  edxLinks: { findByAccountIds(accountIds: readonly string[]): Promise<LmsAccountState[]> };
}

/** What is known of a person's account in the LMS. */
interface LmsAccountState {
  edxUsername?: string | null | undefined;
  state: string;
}

type UsersMeRequest = FastifyRequest<{ Querystring: { access_token?: unknown } }>;

/** Any of these opens one's own name, username and e-mail address. */
const openingScopes = ['user:read', 'profile', 'learning:read'];

/**
 * Registers the user details that the LMS reads at sign-in and while it registers somebody: `/api/users/me`, and
 * `/api/v0/userinfo/` for an LMS that is set up by a discovery document. Errors are those of RFC 6750.
 */
export function registerUsersMe(app: FastifyInstance, { authenticate, accounts, edxLinks }: UsersMeDependencies): void {
  const findAccount = async (request: UsersMeRequest, reply: FastifyReply): Promise<Readonly<Account> | undefined> => {
    reply.header('cache-control', 'no-store').header('vary', 'Authorization, Cookie');
    if (request.query.access_token !== undefined) {
      refuse(reply, 400, 'invalid_request', 'send the access token in the Authorization header');
      return undefined;
    }
    const viewer = await identify(request, reply);
    if (!viewer) return undefined;
    if (viewer.scopes && !openingScopes.some((scope) => viewer.scopes?.has(scope))) {
      refuse(reply, 403, 'insufficient_scope', 'the access token lacks a scope', openingScopes[0]);
      return undefined;
    }
    const account = viewer.account && (await accounts.findById(viewer.account.id));
    if (!account) refuse(reply, 403, 'insufficient_scope', 'the access token stands for no person');
    return account ?? undefined;
  };

  const identify = async (request: FastifyRequest, reply: FastifyReply): Promise<Viewer | undefined> => {
    try {
      // Scopes decide below, and nobody is told of but the token's own person.
      const viewer = await authenticate(request.raw, reply.raw, { admitsRestricted: true });
      if (viewer.via !== 'nobody') return viewer;
      refuse(reply, 401);
    } catch (error) {
      if (!(error instanceof UnauthenticatedError)) throw error;
      const answer = { error: 'invalid_token', error_description: 'the access token is not valid' };
      void reply.code(401).header('www-authenticate', error.challenge).send(answer);
    }
    return undefined;
  };

  for (const path of ['/api/users/me', '/api/users/me/'])
    app.get(path, async (request: UsersMeRequest, reply) => {
      const account = await findAccount(request, reply);
      return account ? reply.send(describeUser(account)) : reply;
    });
  for (const path of ['/api/v0/userinfo', '/api/v0/userinfo/'])
    app.get(path, async (request: UsersMeRequest, reply) => {
      const account = await findAccount(request, reply);
      if (!account) return reply;
      const [link] = await edxLinks.findByAccountIds([account.id]);
      if (!isOnTheWay(link)) return reply.code(409).send({ error: 'User has no edx_username.' });
      return reply.send(describeUser(account));
    });
}

/**
 * Whether a person has an account in the LMS or is just getting one: the LMS asks while it creates the account, before we know
 * that it did.
 */
function isOnTheWay(link: LmsAccountState | undefined): boolean {
  return link !== undefined && (Boolean(link.edxUsername) || link.state === 'PENDING' || link.state === 'CREATING');
}

/** Answers as RFC 6750 3 asks: the challenge names an error only when a token was sent. */
function refuse(
  reply: FastifyReply,
  status: 400 | 401 | 403,
  error?: 'invalid_request' | 'insufficient_scope',
  description?: string,
  scope?: string,
): void {
  const attributes = Object.entries({ error, error_description: description, scope }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value}"`],
  );
  void reply
    .code(status)
    .header('www-authenticate', ['Bearer', attributes.join(', ')].join(' ').trim())
    .send({ error: error ?? 'unauthenticated', error_description: description ?? 'send an access token, or sign in' });
}
