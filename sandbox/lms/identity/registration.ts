import { setLoginCookies } from '../auth/login-cookies.js';
import { hashPassword } from '../auth/passwords.js';
import { findSession, SESSION_SECONDS, signIn, updateSession } from '../auth/sessions.js';
import { type Answer, json, text } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { newSessionId, randomText } from '../http/cookies.js';
import { AnswerNow } from '../http/errors.js';
import { apiView, LmsCrash, type View } from '../http/view.js';
import { enrollInvited } from '../learning/enrollment/enroll.js';
import { isMisconfigured, type Lms } from '../lms.js';
import { addUser } from '../population.js';
import type { LmsUser, ProviderConfig } from '../rows.js';
import { sendActivationMail } from './activation.js';
import { isCountry } from './countries.js';
import { syncEmail } from './profile-sync.js';
import { activeProvider } from './provider.js';
import { endpointsOf, jsonObject, type ProviderUser, providerUser, requestUser } from './provider-client.js';
import { nextPage } from './redirect-target.js';
import { describeRegistrationForm } from './registration-description.js';
import { formProblems } from './registration-form.js';
import { RegistrationQueue } from './registration-queue.js';
import { isEmailTaken, isUsernameTaken } from './taken-names.js';
import { suggestForUsername } from './username-suggestions.js';

const WEEK_SECONDS = 7 * 24 * 3600;

/** `POST /user_api/v1/account/registration/` and its aliases; GET describes the form. */
export function registrationViews(lms: Lms): View[] {
  const queue = new RegistrationQueue();
  return [
    apiView(/^\/(?:user_api|api\/user)\/(?<version>v[12])\/account\/registration\/$|^\/create_account$/, {
      profile: 'P0',
      name: 'Registration',
      methods: { GET: (call) => describeForm(lms, call), POST: (call) => answerRegistration(lms, queue, call) },
    }),
  ];
}

function describeForm(lms: Lms, call: Call): Answer {
  call.setCsrfCookie();
  updateSession(lms, call, {});
  return json(describeRegistrationForm(`/api/user/${call.param('version') || 'v1'}/account/registration/`));
}

/** An old release words the same outcomes without codes, and its success without the account. */
async function answerRegistration(lms: Lms, queue: RegistrationQueue, call: Call): Promise<Answer> {
  const answer = await register(lms, queue, call).catch((error: unknown) => {
    if (error instanceof AnswerNow) return error.answer;
    throw error;
  });
  if (!lms.state.settings.oldRelease || answer.contentType !== 'application/json') return answer;
  const {
    error_code: _code,
    authenticated_user: _user,
    redirect_url: _url,
    username_suggestions: _names,
    ...left
  } = JSON.parse(answer.body ?? '{}');
  return json(left, answer.status);
}

/** The checks in the LMS's order: the first group that fails is the answer. */
async function register(lms: Lms, queue: RegistrationQueue, call: Call): Promise<Answer> {
  const limit = isMisconfigured(lms, 'throttled') ? 0 : lms.state.settings.registrationLimit;
  if (!lms.attempts.admit('registration', call.remoteAddress, limit, WEEK_SECONDS, call.now.getTime())) {
    return json({ error_code: 'forbidden-request' }, 403);
  }
  const pipeline = findSession(lms, call)?.social?.pending ?? null;
  if (isMisconfigured(lms, 'third-party-auth-required') && pipeline === null) {
    return text(
      'Third party authentication is required to register. Username and password were received instead.',
      403,
    );
  }
  const form = await call.form();
  return queue.run([`username ${form.get('username')}`, `email ${form.get('email')}`], async () => {
    refuseConflicts(lms, form);
    if (!lms.state.settings.oldRelease) refuseCountry(form);
    if (form.get('social_auth_provider') && pipeline === null) {
      const message = `Registration using ${form.get('social_auth_provider')} has timed out.`;
      throw refusal(400, { session_expired: [message] }, 'tpa-session-expired');
    }
    if (isMisconfigured(lms, 'registration-closed')) return text('Account creation not allowed.', 403);
    // From here on the LMS has touched its session, so every answer sets the cookie.
    call.setCookie('sessionid', newSessionId(), { maxAgeSeconds: SESSION_SECONDS, httpOnly: true, sameSite: 'Lax' });
    const problems = formProblems(form);
    if (Object.keys(problems).length > 0) throw refusal(400, problems, 'validation-error');
    refuseReservedName(form.get('username')?.trim() ?? '');
    const identity = await identify(lms, form);
    const user = createUser(lms, call, form, identity);
    if (!user.isActive) sendActivationMail(lms, call, user);
    signIn(lms, call, user, null);
    await setLoginCookies(lms, call, user);
    call.setCookie('openedx-language-preference', 'en', { maxAgeSeconds: SESSION_SECONDS, sameSite: 'Lax' });
    call.setCsrfCookie(randomText(32));
    return json({
      authenticated_user: { username: user.username, full_name: user.profile?.name ?? '', user_id: user.id },
      success: true,
      redirect_url: absolute(lms, nextPage(lms, call, form.get('next'))),
    });
  });
}

function absolute(lms: Lms, target: string): string {
  return target.startsWith('/') ? `${lms.rootUrl()}${target}` : target;
}

function refusal(
  status: number,
  problems: Readonly<Record<string, readonly string[]>>,
  code: string | null,
  more: Record<string, unknown> = {},
): AnswerNow {
  const fields = Object.entries(problems).map(([field, texts]) => [
    field,
    texts.map((message) => ({ user_message: message })),
  ]);
  return new AnswerNow(
    json({ ...Object.fromEntries(fields), ...more, ...(code === null ? {} : { error_code: code }) }, status),
  );
}

function refuseConflicts({ state }: Lms, form: URLSearchParams): void {
  const { oldRelease } = state.settings;
  const [username, email] = [(form.get('username') ?? '').trim(), form.get('email') ?? ''];
  const [isName, isMail] = [isUsernameTaken(state, username), isEmailTaken(state, email)];
  if (!isName && !isMail) return;
  throw refusal(
    409,
    {
      ...(isMail
        ? {
            email: [
              oldRelease
                ? belongsToAnother(email, 'email address')
                : 'This email is already associated with an existing account',
            ],
          }
        : {}),
      ...(isName
        ? {
            username: [
              oldRelease ? belongsToAnother(username, 'username') : 'It looks like this username is already taken',
            ],
          }
        : {}),
    },
    isName && isMail ? 'duplicate-email-username' : isName ? 'duplicate-username' : 'duplicate-email',
    isName ? { username_suggestions: suggestForUsername(state, username) } : {},
  );
}

function belongsToAnother(value: string, what: string): string {
  return `It looks like ${value} belongs to an existing account. Try again with a different ${what}.`;
}

/** Any unknown non-empty code fails, although the field is hidden by default. */
function refuseCountry(form: URLSearchParams): void {
  const country = form.get('country') ?? '';
  if (country !== '' && !isCountry(country))
    throw refusal(400, { country: ['Select your country or region of residence'] }, 'invalid-country');
}

/** Names of retired people are found only when the row is written; that refusal has no code. */
function refuseReservedName(username: string): void {
  if (username.toLowerCase().startsWith('retired__user_')) {
    throw refusal(409, { username: [`An account with the Public Username '${username}' already exists.`] }, null);
  }
}

interface Identity extends ProviderUser {
  readonly provider: ProviderConfig;
}

/** Asks Portico who the posted token belongs to, while the account is not yet there for anybody to see. */
async function identify(lms: Lms, form: URLSearchParams): Promise<Identity | null> {
  const name = form.get('provider');
  if (!name) return null;
  const accessToken = form.get('access_token');
  if (!accessToken) {
    throw refusal(
      400,
      { access_token: [`An access_token is required when passing value (${name}) for provider.`] },
      'tpa-missing-access-token',
    );
  }
  const provider = activeProvider(lms);
  if (provider?.backend !== name) throw new LmsCrash(`There is no provider ${name} on this site.`);
  const answer = await requestUser(endpointsOf(lms, provider), accessToken);
  const object = answer.status === null || answer.status >= 400 ? null : jsonObject(answer.body);
  if (answer.status === null || answer.status >= 400) {
    throw refusal(400, { access_token: ['The provided access_token is not valid.'] }, 'tpa-invalid-access-token');
  }
  if (object === null) throw new LmsCrash('The provider answered something else than a JSON object.');
  return { ...providerUser(object), provider };
}

/** Creates user and link in one transaction; nothing else runs between the check and the write. */
function createUser(lms: Lms, call: Call, form: URLSearchParams, identity: Identity | null): LmsUser {
  const { state } = lms;
  if (identity !== null && state.link(identity.provider.backend, identity.uid)) {
    throw refusal(
      400,
      { access_token: ['The provided access_token is already associated with another user.'] },
      'tpa-token-already-associated',
    );
  }
  const get = (name: string): string | null => form.get(name) || null;
  return state.atomically(() => {
    const year = Number.parseInt(form.get('year_of_birth') ?? '', 10);
    const email = form.get('email') ?? '';
    const user = addUser(state, {
      username: (form.get('username') ?? '').trim(),
      email,
      name: form.get('name') ?? '',
      passwordHash: hashPassword(identity === null ? (form.get('password') ?? '') : randomText(30)),
      dateJoined: call.now.toISOString().replace(/\.\d+Z$/, 'Z'),
      isActive: identity?.provider.skipEmailVerification === true && identity.email === email,
      profile: {
        yearOfBirth: Number.isNaN(year) ? null : year,
        country: get('country'),
        gender: get('gender'),
        levelOfEducation: get('level_of_education'),
        mailingAddress: get('mailing_address'),
        goals: get('goals'),
        city: get('city'),
      },
    });
    const pipeline = form.get('social_auth_provider') ? findSession(lms, call)?.social?.pending : null;
    const uid = identity?.uid ?? pipeline?.uid;
    const backend = identity?.provider.backend ?? activeProvider(lms)?.backend;
    if (uid !== undefined && backend !== undefined)
      state.putLink({ id: state.nextId('link'), username: user.username, backend, uid });
    const named = identity === null ? user : syncEmail(lms, identity.provider, user, identity.email);
    lms.announcer.registered(named);
    enrollInvited(lms, named, call.now);
    return named;
  });
}
