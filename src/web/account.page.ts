import { html } from 'ghtml';
import { renderDeletionNote } from './account-deletion.page.js';
import { type FormState, renderCsrf, renderErrorSummary, renderSelect, renderTextField } from './form.js';
import { type Frame, renderPage } from './layout.js';

/** How the account at the LMS stands, in words for its owner. */
export interface EdxLinkView {
  label: string;
  tone: 'good' | 'wait' | 'bad';
  explanation: string;
  /** A button that has it tried (again). */
  offer?: string | undefined;
  /** Where the courses are, when there is a way in. */
  coursesHref?: string | undefined;
  edxUsername?: string | undefined;
}

export interface SessionView {
  uid: string;
  device: string;
  detail: string;
  isThisOne: boolean;
}

export interface ClientView {
  clientId: string;
  name: string;
  permissions: readonly string[];
  since: string;
}

/** A sign-in at an organization that is tied to the account. */
export interface IdentityView {
  id: string;
  provider: string;
  detail: string;
}

export interface AccountPage extends Frame {
  csrfToken: string;
  notice?: string | undefined;
  /** When the account will be deleted, if its owner asked for that. */
  deletionDay?: string | undefined;
  facts: readonly { term: string; value: string }[];
  edxLink: EdxLinkView;
  identities: readonly IdentityView[];
  /** Where else the person can sign in, to tie that to the account. */
  moreProviders: readonly { label: string; href: string }[];
  /** Whether the person has rights in programs of partner schools. */
  isPartner: boolean;
  sessions: readonly SessionView[];
  clients: readonly ClientView[];
}

/** Everything about an account that its owner can see and change. */
export function renderAccountPage(page: AccountPage): string {
  const { words, notice, csrfToken, deletionDay } = page;
  return renderPage(page, {
    title: words('Your account'),
    isWide: true,
    body: html`<h1>${words('Your account')}</h1>
!${notice ? html`<div class="note good" role="status"><p>${notice}</p></div>` : ''}
!${deletionDay ? renderDeletionNote({ csrfToken, words, day: deletionDay }) : ''}
!${renderProfile(page)}
!${renderEdxLink(page)}
!${page.isPartner ? renderPartner(page) : ''}
<section class="section" aria-labelledby="security">
<header><h2 id="security">${words('Sign-in')}</h2></header>
<p class="actions"><a class="button quiet small" href="/account/password">${words('Change password')}</a><a class="button quiet small" href="/account/email">${words('Change e-mail address')}</a><a class="button quiet small" href="/account/passkeys">${words('Passkeys')}</a><a class="button quiet small" href="/account/two-step">${words('Two-step sign-in')}</a></p>
</section>
!${renderIdentities(page)}
!${renderSessions(page)}
!${renderClients(page)}
<section class="section" aria-labelledby="leaving">
<header><h2 id="leaving">${words('Your data')}</h2></header>
<p class="actions"><a class="button quiet small" href="/account/data">${words('Get a copy of your data')}</a>!${deletionDay ? '' : html`<a class="button danger small" href="/account/delete">${words('Delete account')}</a>`}</p>
</section>`,
  });
}

function renderProfile({ facts, words }: AccountPage): string {
  const rows = facts.map(({ term, value }) => html`<dt>${term}</dt><dd>${value}</dd>`);
  return html`<section class="section" aria-labelledby="profile">
<header><h2 id="profile">${words('Profile')}</h2><a class="button quiet small" href="/account/profile">${words('Edit profile')}</a></header>
<dl class="facts">!${rows}</dl>
</section>`;
}

function renderEdxLink({ csrfToken, edxLink, words }: AccountPage): string {
  const { label, tone, explanation, offer, coursesHref, edxUsername } = edxLink;
  return html`<section class="section" aria-labelledby="edx">
<header><h2 id="edx">${words('Learning site')}</h2><span class="tag !${tone}">${label}</span></header>
<p>${explanation}</p>
!${edxUsername ? html`<dl class="facts"><dt>${words('Username there')}</dt><dd>${edxUsername}</dd></dl>` : ''}
!${coursesHref ? html`<p class="actions"><a class="button small" href="${coursesHref}">${words('Go to your courses')}</a></p>` : ''}
!${offer ? html`<form method="post" action="/account/edx">!${renderCsrf({ csrfToken })}<button class="button small">${offer}</button></form>` : ''}
</section>`;
}

function renderPartner({ words }: AccountPage): string {
  return html`<section class="section" aria-labelledby="partner">
<header><h2 id="partner">${words('Programs of your school')}</h2></header>
<p>${words('Upload enrollments, see what became of them, and download lists and grades.')}</p>
<p class="actions"><a class="button small" href="/partner">${words('Go to the programs')}</a></p>
</section>`;
}

/** Nothing where no organization has a provider. */
function renderIdentities({ identities, moreProviders, words }: AccountPage): string {
  if (identities.length + moreProviders.length === 0) return '';
  const rows = identities.map(
    ({ id, provider, detail }) => html`<li><div><strong>${provider}</strong><p class="hint">${detail}</p></div>
<a class="button danger small" href="/account/identities/${id}/remove">${words('Remove')}<span class="visually-hidden"> ${provider}</span></a></li>`,
  );
  const links = moreProviders.map(
    ({ label, href }) =>
      html`<a class="button quiet small" href="${href}">${words('Connect {provider}', { provider: label })}</a>`,
  );
  return html`<section class="section" aria-labelledby="identities">
<header><h2 id="identities">${words('Sign-in at your school')}</h2></header>
!${rows.length > 0 ? html`<ul class="rows">!${rows}</ul>` : html`<p class="hint">${words('Not connected. When you connect it, you can sign in there, and your school’s courses find you here.')}</p>`}
!${links.length > 0 ? html`<p class="actions">!${links}</p>` : ''}
</section>`;
}

function renderSessions({ csrfToken, sessions, words }: AccountPage): string {
  const rows = sessions.map(
    ({
      uid,
      device,
      detail,
      isThisOne,
    }) => html`<li><div><strong>${device}</strong>!${isThisOne ? html` <span class="tag good">${words('This browser')}</span>` : ''}<p class="hint">${detail}</p></div>
!${
      isThisOne
        ? ''
        : html`<form method="post" action="/account/sessions/revoke">!${renderCsrf({ csrfToken })}<input type="hidden" name="uid" value="${uid}"><button class="button danger small">${words('Sign out')}<span class="visually-hidden"> ${device}</span></button></form>`
    }</li>`,
  );
  return html`<section class="section" aria-labelledby="sessions">
<header><h2 id="sessions">${words('Where you are signed in')}</h2></header>
<ul class="rows">!${rows}</ul>
<form method="post" action="/account/sessions/end-all">!${renderCsrf({ csrfToken })}<button class="button danger small">${words('Sign out everywhere')}</button></form>
</section>`;
}

function renderClients({ csrfToken, clients, words }: AccountPage): string {
  const rows = clients.map(
    ({
      clientId,
      name,
      permissions,
      since,
    }) => html`<li><div><strong>${name}</strong><p class="hint">${permissions.join(' · ')}</p><p class="hint">${words('Since {day}', { day: since })}</p></div>
<form method="post" action="/account/clients/revoke">!${renderCsrf({ csrfToken })}<input type="hidden" name="clientId" value="${clientId}"><button class="button danger small">${words('Remove access')}<span class="visually-hidden"> ${words('from {client}', { client: name })}</span></button></form></li>`,
  );
  return html`<section class="section" aria-labelledby="clients">
<header><h2 id="clients">${words('Sites and apps with access')}</h2></header>
!${clients.length > 0 ? html`<ul class="rows">!${rows}</ul>` : html`<p class="hint">${words('None. When you let a site or an app use your account, it appears here.')}</p>`}
</section>`;
}

export interface ProfilePage extends Frame {
  form: FormState;
  countries: readonly { value: string; label: string }[];
}

export function renderProfilePage(page: ProfilePage): string {
  const { words, form, countries } = page;
  return renderPage(page, {
    title: words('Edit profile'),
    body: html`<div class="card">
<h1>${words('Edit profile')}</h1>
<p class="lead">${words('Changes are passed on to the learning site.')}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
!${renderTextField(form, { name: 'name', label: words('Full name'), autocomplete: 'name', hint: words('As it should appear on certificates.'), maxLength: 255 })}
!${renderSelect(form, { name: 'country', label: words('Country'), autocomplete: 'country', options: countries })}
<div class="actions"><button class="button">${words('Save')}</button><a class="button quiet" href="/account">${words('Cancel')}</a></div>
</form>
</div>`,
  });
}

export function renderPasswordPage(
  page: Frame & { form: FormState; username: string; passwordMinLength: number },
): string {
  const { words, form, username, passwordMinLength } = page;
  return renderPage(page, {
    title: words('Change password'),
    body: html`<div class="card">
<h1>${words('Change password')}</h1>
<p class="lead">${words('This signs you out everywhere else.')}</p>
!${renderErrorSummary(form)}
<form method="post">
!${renderCsrf(form)}
<input type="hidden" name="username" value="${username}" autocomplete="username">
!${renderTextField(form, { name: 'currentPassword', label: words('Current password'), type: 'password', autocomplete: 'current-password', hasFocus: true })}
!${renderTextField(form, {
      name: 'password',
      label: words('New password'),
      type: 'password',
      autocomplete: 'new-password',
      maxLength: 256,
      hint: html`${words('At least {count} characters. A few words that do not belong together are best.', { count: passwordMinLength })}`,
    })}
<div class="actions"><button class="button">${words('Change password')}</button><a class="button quiet" href="/account">${words('Cancel')}</a></div>
</form>
</div>`,
  });
}
