import type { FastifyInstance } from 'fastify';
import type { SessionSummary } from '../access/sign-in.js';
import { expandRoles } from '../access/viewer.js';
import { renderAccountPage, type SessionView } from '../web/account.page.js';
import type { FixedText, Words } from '../words/words.js';
import { registerAccountDeletion } from './account-deletion.js';
import { registerAccountForms } from './account-forms.js';
import { registerDataExport } from './data-export.js';
import { describeEdxLink } from './edx-link-view.js';
import { registerEmailChange } from './email-change.js';
import { viewIdentities } from './linked-identities.js';
import type { PageDeps } from './page-deps.js';
import { registerPasskeys } from './passkeys.js';
import { describeScope } from './scope-words.js';
import { registerSecondFactor } from './second-factor.js';
import { describeUserAgent } from './user-agent.js';
import { createVisits, noticeOf, readForm, type SignedIn } from './visit.js';

/** Good news, by the word that the address carries after a change. */
const notices = new Map<string, FixedText>([
  ['profile', 'Your profile was saved.'],
  ['password', 'Your password was changed. You were signed out everywhere else.'],
  ['email', 'Your e-mail address was changed. The learning site follows in a moment.'],
  ['two-step-off', 'Two-step sign-in is off.'],
  ['app-added', 'The app was added. Its codes do beside your passkeys.'],
  ['app-removed', 'The app was removed. Your passkeys are asked for as before.'],
  ['session', 'The device was signed out.'],
  ['client', 'Access was removed.'],
  ['kept', 'Your account stays. It will not be deleted.'],
  ['connected', 'Your sign-in at your school is connected.'],
  ['disconnected', 'Your sign-in at your school was removed.'],
  ['edx', 'Your account at the learning site will be ready in a moment.'],
]);

/** `/account`: what its owner sees of an account, and takes back. */
export function registerAccount(app: FastifyInstance, deps: PageDeps): void {
  const { config, signIn, edxLinks, clientGrants, deletionRequests } = deps;
  const { requirePerson, frame } = createVisits(deps);
  const coursesHref = config.lms.browserUrl + config.lms.socialLoginPath;

  app.get<{ Querystring: { done?: unknown } }>('/account', async (request, reply) => {
    const { account, sessionUid } = await requirePerson(request, reply);
    const [link, sessions, grants, deletion, identities] = await Promise.all([
      edxLinks.find(account.id),
      signIn.list(account.id),
      clientGrants.list(account.id),
      deletionRequests.pending(account.id),
      viewIdentities(deps, account.id, reply.request.words),
    ]);
    const { done } = request.query;
    const words = reply.request.words;
    return reply.send(
      renderAccountPage({
        ...frame(reply, account),
        csrfToken: reply.generateCsrf(),
        notice: noticeOf(notices, done, words),
        deletionDay: deletion && words.day(deletion.dueAt),
        facts: factsOf(account, words),
        edxLink: describeEdxLink(link, coursesHref, words),
        ...identities,
        isPartner: deps.partner !== undefined && expandRoles(account.roles).has('PARTNER'),
        sessions: sessions.map((session) => viewSession(session, sessionUid, words)),
        clients: grants.map(({ clientId, clientName, scopes, grantedAt }) => ({
          clientId,
          name: clientName,
          permissions: scopes.map((scope) => describeScope(scope, words)),
          since: words.day(grantedAt),
        })),
      }),
    );
  });

  app.post('/account/edx', async (request, reply) => {
    const { account } = await requirePerson(request, reply);
    await edxLinks.ensure(account.id, { accountId: account.id, address: request.ip });
    return reply.redirect('/account?done=edx', 303);
  });

  app.post('/account/sessions/revoke', async (request, reply) => {
    const { account } = await requirePerson(request, reply);
    await signIn.revoke(account.id, readForm(request.body).uid ?? '');
    return reply.redirect('/account?done=session', 303);
  });

  app.post('/account/sessions/end-all', async (request, reply) => {
    const { account } = await requirePerson(request, reply);
    await signIn.revokeAll(account.id);
    await signIn.end(request.raw, reply.raw);
    return reply.redirect('/login?done=signed-out', 303);
  });

  app.post('/account/clients/revoke', async (request, reply) => {
    const { account } = await requirePerson(request, reply);
    await clientGrants.revoke(account.id, readForm(request.body).clientId ?? '');
    return reply.redirect('/account?done=client', 303);
  });

  registerAccountForms(app, deps);
  registerEmailChange(app, deps);
  registerSecondFactor(app, deps);
  registerPasskeys(app, deps);
  registerDataExport(app, deps);
  registerAccountDeletion(app, deps);
}

function factsOf({ name, email, username, emailVerifiedAt, profile }: SignedIn['account'], words: Words) {
  return [
    { term: words('Name'), value: name },
    { term: words('E-mail address'), value: emailVerifiedAt ? email : words('{email} (not confirmed)', { email }) },
    { term: words('Username'), value: username },
    ...(profile.country ? [{ term: words('Country'), value: words.country(profile.country) }] : []),
  ];
}

function viewSession(session: SessionSummary, thisUid: string, words: Words): SessionView {
  const seen = words('Last seen {when}', { when: words.minute(session.lastSeenAt) });
  return {
    uid: session.uid,
    device: describeUserAgent(session.userAgent, words),
    detail: [session.address, seen].filter(Boolean).join(' · '),
    isThisOne: session.uid === thisUid,
  };
}
