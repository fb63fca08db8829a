import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PendingInteraction, SignIn } from '../../src/access/sign-in.js';

/** Sign-in sessions in memory, for tests of pages without the OAuth provider. */
export interface InMemorySignIn extends SignIn {
  /** Account ids by session uid. */
  sessions: Map<string, string>;
  /** The authorization request that every browser is in the middle of. */
  pending: PendingInteraction | undefined;
  /** What the interaction ended with. */
  outcome: unknown;
}

const cookieName = 'test_session';

export function createInMemorySignIn(): InMemorySignIn {
  const sessions = new Map<string, string>();
  const uidOf = (req: IncomingMessage) => new RegExp(`${cookieName}=([^;]+)`).exec(req.headers.cookie ?? '')?.[1];
  const setCookie = (res: ServerResponse, value: string) => {
    res.setHeader('set-cookie', [`${cookieName}=${value}; Path=/; HttpOnly; SameSite=Lax`]);
  };
  const it: InMemorySignIn = {
    sessions,
    pending: undefined,
    outcome: undefined,
    current: async (req) => {
      const uid = uidOf(req);
      const accountId = uid && sessions.get(uid);
      return uid && accountId ? { uid, accountId } : undefined;
    },
    establish: async (req, res, accountId) => {
      sessions.delete(uidOf(req) ?? '');
      const uid = randomUUID();
      sessions.set(uid, accountId);
      setCookie(res, uid);
    },
    end: async (req, res) => {
      sessions.delete(uidOf(req) ?? '');
      setCookie(res, '; Max-Age=0');
    },
    list: async (accountId) =>
      [...sessions]
        .filter(([, owner]) => owner === accountId)
        .map(([uid]) => ({
          uid,
          userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
          address: '192.0.2.1',
          createdAt: new Date(0),
          lastSeenAt: new Date(0),
          expiresAt: undefined,
        })),
    revoke: async (accountId, uid) => sessions.get(uid) === accountId && sessions.delete(uid),
    revokeAll: async (accountId, except) => {
      for (const [uid, owner] of sessions) if (owner === accountId && uid !== except) sessions.delete(uid);
    },
    interaction: async () => it.pending,
    finishLogin: async (_req, _res, accountId, methods) => {
      it.outcome = { login: accountId, methods };
      return '/oauth2/authorize/resume';
    },
    finishConsent: async (_req, _res, allowedScopes) => {
      it.outcome = { consent: allowedScopes };
      return '/oauth2/authorize/resume';
    },
    abort: async () => {
      it.outcome = 'aborted';
      return 'https://client.example/callback?error=access_denied';
    },
  };
  return it;
}
