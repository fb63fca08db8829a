import { type IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { AuthenticationMethod, SessionSummary, SignIn } from '../../access/sign-in.js';
import type { Clock } from '../../clock.js';
import { ForbiddenError } from '../../errors.js';
import type { Events } from '../../events.js';
import type { AuditService } from '../../services/audit/audit.service.js';
import { type AccountSource, findActiveAccount } from '../account-source.js';
import type { InteractionSteps, Login } from '../interaction/steps.js';
import { type Lifetimes, lastSeenGrainSeconds, sessionSecondsLeft } from '../lifetimes.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import type { SessionRow, SessionStore } from '../storage/session-store.js';
import type { SessionEnding } from './ending.js';
import { isHeadless } from './headless.js';
import { addressOf, visitorOf } from './visitor.js';

/**
 * What a sign-in is worth (`acr`), by the levels of NIST SP 800-63B: two factors are more than one. A passkey comes after a
 * password, or has checked the person itself: it is two in either case.
 */
function acrOf(methods: readonly AuthenticationMethod[]): string {
  return methods.some((method) => method === 'otp' || method === 'hwk' || method === 'swk') ? 'aal2' : 'aal1';
}

export interface SignInInputs {
  currentProvider: () => Provider;
  accounts: AccountSource;
  sessions: SessionStore;
  artifacts: ArtifactStore;
  ending: SessionEnding;
  interactions: InteractionSteps;
  lifetimes: Lifetimes;
  clock: Clock;
  events: Events;
  audit: AuditService;
}

/** The sign-in session of pages and graph: it is the provider's own session. */
export function createSignIn(inputs: SignInInputs): SignIn {
  const { currentProvider, accounts, sessions, artifacts, ending, interactions, lifetimes, clock, events, audit } =
    inputs;
  const cookieName = () => currentProvider().cookieName('session');
  const cookiesOf = (req: IncomingMessage, res: ServerResponse | undefined) =>
    currentProvider().createContext(req, res ?? new ServerResponse(req)).cookies;

  const setCookie = (req: IncomingMessage, res: ServerResponse, id: string, expires: Date) =>
    cookiesOf(req, res).set(cookieName(), id, {
      httpOnly: true,
      sameSite: 'lax',
      signed: true,
      overwrite: true,
      expires,
    });
  const clearCookie = (req: IncomingMessage, res: ServerResponse) =>
    cookiesOf(req, res).set(cookieName(), null, { httpOnly: true, sameSite: 'lax', signed: true, overwrite: true });

  const read = async (req: IncomingMessage, res: ServerResponse | undefined) => {
    if (!req.headers.cookie?.includes(cookieName())) return undefined;
    const id = cookiesOf(req, res).get(cookieName(), { signed: true });
    const row = id ? await sessions.find(id) : undefined;
    return row && id ? { id, row } : undefined;
  };

  /** Notes now and then that a session is in use, and moves its end; not with each request. */
  const keepAlive = async (req: IncomingMessage, res: ServerResponse | undefined, id: string, row: SessionRow) => {
    const now = clock();
    if (now.getTime() / 1000 - row.lastSeenAt < lastSeenGrainSeconds) return;
    const secondsLeft = sessionSecondsLeft(lifetimes, row.payload.loginTs, now);
    const expiresAt = new Date(now.getTime() + secondsLeft * 1000);
    await sessions.touch(row.key, expiresAt);
    if (res && !res.headersSent) setCookie(req, res, id, expiresAt);
  };

  return {
    async current(req, res) {
      const found = await read(req, res);
      const accountId = found?.row.accountId;
      if (!accountId || isHeadless(found.row.payload)) return undefined;
      if (!(await findActiveAccount(accounts, accountId))) return undefined;
      await keepAlive(req, res, found.id, found.row);
      return { uid: found.row.uid, accountId };
    },

    async establish(req, res, accountId, methods) {
      const found = await read(req, res);
      const provider = currentProvider();
      const previous = found && (await provider.Session.find(found.id));
      const isSamePerson = found?.row.accountId === accountId && !isHeadless(found.row.payload);
      // Nobody inherits what another person allowed in this browser.
      if (found && !isSamePerson) await ending.endByUid(found.row.uid);
      const session = previous && isSamePerson ? previous : new provider.Session();
      if (previous && isSamePerson) session.resetIdentifier();
      session.loginAccount({ accountId, amr: [...methods], acr: acrOf(methods) });
      const now = clock();
      const secondsLeft = sessionSecondsLeft(lifetimes, session.loginTs, now);
      await session.save(secondsLeft);
      await sessions.noteVisitor(session.jti, visitorOf(req));
      setCookie(req, res, session.jti, new Date(now.getTime() + secondsLeft * 1000));
      events.signedIn({ accountId, methods });
    },

    async end(req, res) {
      const found = await read(req, res);
      if (req.headers.cookie?.includes(cookieName())) clearCookie(req, res);
      if (!found) return;
      await ending.endByUid(found.row.uid);
      const { accountId } = found.row;
      if (!accountId) return;
      events.signedOut({ accountId });
      await audit.record({ action: 'sign-out', outcome: 'success', actor: { accountId, address: addressOf(req) } });
    },

    async list(accountId) {
      const rows = await sessions.listOfAccount(accountId);
      return rows.filter((row) => !isHeadless(row.payload)).map(toSummary);
    },

    async revoke(accountId, uid, by = { accountId }) {
      const rows = await sessions.listOfAccount(accountId);
      if (!rows.some((row) => row.uid === uid)) return false;
      await ending.endByUid(uid);
      await audit.record({ action: 'session.revoked', outcome: 'success', actor: by, subjectId: accountId });
      return true;
    },

    async revokeAll(accountId, except, by = { accountId }) {
      const kept = except === undefined ? undefined : await sessions.findByUid(except);
      const keptGrants = Object.values(kept?.payload.authorizations ?? {}).flatMap(({ grantId }) => grantId ?? []);
      await ending.endOfAccount(accountId, except);
      await artifacts.revokeOfAccount(accountId, keptGrants);
      await audit.record({ action: 'sessions.revoked', outcome: 'success', actor: by, subjectId: accountId });
    },

    interaction: (req, res) => interactions.pending(req, res),
    async finishLogin(req, res, accountId, methods) {
      const found = await read(req, res);
      if (methods.length === 0) return interactions.finishLogin(req, res, earlierLogin(found?.row, accountId));
      const login = { accountId, amr: [...methods], acr: acrOf(methods) };
      const url = await interactions.finishLogin(req, res, login, async () => {
        if (found) await ending.endByUid(found.row.uid);
        clearCookie(req, res);
      });
      events.signedIn({ accountId, methods });
      return url;
    },
    finishConsent: (req, res, allowedScopes) => interactions.finishConsent(req, res, allowedScopes),
    abort: (req, res) => interactions.abort(req, res),
  };
}

/** The sign-in that a session began with. */
function earlierLogin(row: SessionRow | undefined, accountId: string): Login {
  const { loginTs, amr, acr } = row?.payload ?? {};
  if (!row || row.accountId !== accountId || isHeadless(row.payload) || loginTs === undefined)
    throw new ForbiddenError('Sign in first.');
  return { accountId, ts: loginTs, ...(amr && { amr }), ...(acr && { acr }) };
}

function toSummary(row: SessionRow): SessionSummary {
  return {
    uid: row.uid,
    userAgent: row.userAgent ?? undefined,
    address: row.address ?? undefined,
    createdAt: new Date((row.payload.loginTs ?? row.createdAt) * 1000),
    lastSeenAt: new Date(row.lastSeenAt * 1000),
    expiresAt: row.expiresAt === null ? undefined : new Date(row.expiresAt * 1000),
  };
}
