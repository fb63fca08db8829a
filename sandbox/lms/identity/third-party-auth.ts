import { throttled } from '../auth/shared-throttle.js';
import { type Answer, empty, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { AnswerNow, notFound, permissionDenied } from '../http/errors.js';
import { numberedPage, pageEnvelope } from '../http/pages.js';
import { apiView, LmsCrash, type View } from '../http/view.js';
import { SAML_BACKEND } from '../learning/programs/key-lookup.js';
import { type Lms, PROVIDER_ID_PREFIX } from '../lms.js';
import type { LmsUser, SocialLink } from '../rows.js';
import { activeProvider } from './provider.js';

/** Two throttles of 10 a minute write into one history, so each call counts twice. */
const UNPRIVILEGED_A_MINUTE = 5;
const BASE = '/api/third_party_auth/v0';

/** Which LMS users are linked to which provider accounts. */
export function thirdPartyAuthViews(lms: Lms): View[] {
  const ofUser = { GET: (call: Call) => readLinks(lms, call), DELETE: (call: Call) => deleteLink(lms, call) };
  return [
    apiView(`${BASE}/providers/user_status`, { profile: 'P1', methods: { GET: (call) => userStatus(lms, call) } }),
    apiView(new RegExp(`^${BASE}/providers/(?<provider_id>[\\w.+-]+)(?::[\\w.+-]+)?/users$`), {
      profile: 'P4',
      apiKey: true,
      scopes: ['tpa:read'],
      permission: requireMappingAccess,
      methods: { GET: (call) => readMapping(lms, call) },
    }),
    apiView(`${BASE}/users/`, { profile: 'P1', anonymous: true, methods: ofUser }),
    apiView(`${BASE}/users/{username}`, { profile: 'P1', anonymous: true, methods: { GET: ofUser.GET } }),
  ];
}

/** Staff, superusers and the API key; restricted applications when their filter names this provider. */
function requireMappingAccess(call: Call): void {
  if (call.caller === null) return;
  const { user, isRestricted, filters } = call.caller;
  if (
    isRestricted
      ? filters.includes(`tpa_provider:${call.param('provider_id')}`)
      : user.isStaff || user.isSuperuser || call.hasApiKey
  )
    return;
  throw permissionDenied();
}

function readMapping(lms: Lms, call: Call): Answer {
  const providerId = call.param('provider_id');
  if (!providerId.includes('-')) throw new LmsCrash('A provider id without a hyphen cannot be taken apart.');
  const { backend, prefix } = mappedProvider(lms, providerId);
  const usernames = list(call, 'username');
  const uids = list(call, 'remote_id');
  const isFiltered = call.query.has('username') || call.query.has('remote_id');
  const isOfProvider = (link: SocialLink): boolean => link.backend === backend && link.uid.startsWith(prefix);
  const links = !isFiltered ? [...lms.state.links.values()].filter(isOfProvider) : [];
  for (const username of usernames)
    links.push(...lms.state.linksByUsername.of(username.toLowerCase()).filter(isOfProvider));
  for (const uid of uids) {
    const link = lms.state.link(backend, `${prefix}${uid}`);
    if (link !== undefined) links.push(link);
  }
  const rows = [...new Set(links)]
    .sort((a, b) => a.id - b.id)
    .map((link) => ({ username: link.username, remote_id: link.uid.slice(prefix.length) }));
  return json(pageEnvelope(numberedPage(call, rows, { byDefault: 10, most: 100 })));
}

/** Where the links of a provider are: those of an organization's own carry its slug before the remote id. */
function mappedProvider(lms: Lms, providerId: string): { backend: string; prefix: string } {
  const saml = /^saml-(.+)$/.exec(providerId)?.[1];
  if (saml !== undefined && lms.state.programs.samlProviders.has(saml))
    return { backend: SAML_BACKEND, prefix: `${saml}:` };
  const provider = activeProvider(lms);
  if (provider === null || providerId !== `${PROVIDER_ID_PREFIX}${provider.backend}`) throw notFound();
  return { backend: provider.backend, prefix: '' };
}

/** A filter that may be repeated, comma separated, or both. */
function list(call: Call, name: string): string[] {
  return call.query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '');
}

interface Subject {
  /** As it was asked for. */
  readonly name: string;
  readonly isByEmail: boolean;
  readonly user: LmsUser | undefined;
}

/** The user a call is about; the e-mail wins over the name, and an `@` in the path makes it an e-mail. */
function subjectOf(lms: Lms, call: Call): Subject {
  const inPath = call.param('username');
  const email = inPath.includes('@') ? inPath : call.argument('email');
  const username = inPath !== '' && !inPath.includes('@') ? inPath : call.argument('username');
  if (email) return { name: email, isByEmail: true, user: lms.state.usersByEmail.one(email.toLowerCase()) };
  if (username) return { name: username, isByEmail: false, user: lms.state.user(username) };
  throw new AnswerNow(json(["Must provide one of ['email', 'username']"], 400));
}

/** Refuses; refusals are limited per person, because they would tell who has an account. */
function refuse(lms: Lms, call: Call): Answer {
  const who = call.caller?.user.username ?? call.remoteAddress;
  if (!lms.attempts.admit('links', who, UNPRIVILEGED_A_MINUTE, 60, call.now.getTime())) throw throttled(60);
  return empty(403);
}

/** Oneself (letter by letter), superusers and the API key; being staff is not enough. */
function isPrivileged(call: Call, { isByEmail, name }: Subject): boolean {
  const caller = call.caller?.user;
  if (caller === undefined) {
    // The LMS reads the e-mail of the anonymous user, which has none.
    if (isByEmail) throw new LmsCrash("'AnonymousUser' object has no attribute 'email'");
    return call.hasApiKey;
  }
  return caller.isSuperuser || call.hasApiKey || name === (isByEmail ? caller.email : caller.username);
}

function readLinks(lms: Lms, call: Call): Answer {
  const subject = subjectOf(lms, call);
  if (!isPrivileged(call, subject)) return refuse(lms, call);
  const { user } = subject;
  if (user === undefined) return empty(404);
  const provider = activeProvider(lms);
  const links = provider === null ? [] : linksOf(lms, user, provider.backend);
  return json({
    active: links.map((link) => ({
      provider_id: `${PROVIDER_ID_PREFIX}${link.backend}`,
      name: provider?.name ?? '',
      remote_id: link.uid,
    })),
  });
}

function deleteLink(lms: Lms, call: Call): Answer {
  const subject = subjectOf(lms, call);
  if (!isPrivileged(call, subject)) return refuse(lms, call);
  const { name, user } = subject;
  const uid = call.argument('uid');
  if (uid === null) return json(['Must provide uid'], 400);
  const link = user && lms.state.linksByUsername.of(user.username.toLowerCase()).find((each) => each.uid === uid);
  if (link === undefined) return json([`Either user ${name} or social auth record ${uid} does not exist.`], 404);
  lms.state.deleteLink(link);
  return empty(204);
}

function userStatus(lms: Lms, call: Call): Answer {
  const provider = activeProvider(lms);
  if (provider === null) return json([]);
  const link = linksOf(lms, call.user, provider.backend)[0];
  return json([
    {
      id: `${PROVIDER_ID_PREFIX}${provider.backend}`,
      name: provider.name,
      connected: link !== undefined,
      connect_url: `/auth/login/${provider.backend}/?auth_entry=account_settings`,
      accepts_logins: true,
      disconnect_url: `/auth/disconnect/${provider.backend}/${link === undefined ? '' : `${link.id}/`}?`,
    },
  ]);
}

function linksOf(lms: Lms, user: LmsUser, backend: string): SocialLink[] {
  return lms.state.linksByUsername.of(user.username.toLowerCase()).filter((link) => link.backend === backend);
}
