import { expect, test } from 'vitest';
import { renderAccountPage, renderPasswordPage, renderProfilePage } from '../../../src/web/account.page.js';
import { renderConsentPage } from '../../../src/web/consent.page.js';
import { renderErrorPage } from '../../../src/web/error.page.js';
import type { FormState } from '../../../src/web/form.js';
import { renderHomePage } from '../../../src/web/home.page.js';
import { renderConnectPage, renderDisconnectPage, renderNewcomerPage } from '../../../src/web/identity.page.js';
import { renderLoginPage } from '../../../src/web/login.page.js';
import { renderPartnerPage } from '../../../src/web/partner.page.js';
import { renderPartnerProgramPage } from '../../../src/web/partner-program.page.js';
import { renderPartnerWorkPage } from '../../../src/web/partner-work.page.js';
import {
  renderNewPasskeyPage,
  renderPasskeyPage,
  renderPasskeyProofPage,
  renderPasskeysPage,
} from '../../../src/web/passkey.page.js';
import { passkeyScriptPath } from '../../../src/web/passkey-script.js';
import {
  renderResetChoosePage,
  renderResetRequestPage,
  renderResetSentPage,
} from '../../../src/web/password-reset.page.js';
import { progressScriptPath } from '../../../src/web/progress-script.js';
import {
  renderConfirmPage,
  renderRegisterDetailsPage,
  renderRegisterPage,
  renderWelcomePage,
} from '../../../src/web/register.page.js';
import {
  renderRecoveryCodesPage,
  renderSecondFactorOffPage,
  renderSecondFactorOnPage,
  renderSecondFactorSetUpPage,
  renderSecondStepPage,
} from '../../../src/web/second-factor.page.js';
import { wordsIn } from '../../../src/words/words.js';

/** Breaks out of any place where it is not escaped: text, and attributes in either kind of quotes. */
const evil = `"'><evil-tag onload=alert(1)>`;

const site = { name: evil, locales: ['en' as const], logo: evil, supportEmail: evil, termsUrl: evil, privacyUrl: evil };
const words = wordsIn('en');
const otherLanguages = [{ language: evil, name: evil, href: evil }];
const frame = { site, words, otherLanguages, person: { name: evil, mayOpenPlayground: true } };
const fields = ['identifier', 'email', 'code', 'name', 'username', 'password', 'country', 'terms', 'currentPassword'];
const form: FormState = {
  csrfToken: evil,
  words,
  values: Object.fromEntries(fields.map((field) => [field, evil])),
  errors: [...fields.map((field) => ({ field, message: evil })), { message: evil }, { field: evil, message: evil }],
};
const countries = [{ value: evil, label: evil }];

const passkey = { id: evil, name: evil, detail: evil, isSuspended: true };
const needs = { hasApp: true, hasPasskeys: true };

const pages: Record<string, () => string> = {
  login: () =>
    renderLoginPage({
      ...frame,
      form,
      clientName: evil,
      notice: evil,
      providers: [{ label: evil, href: evil }],
      registerHref: evil,
      resetHref: evil,
      mayCancel: true,
    }),
  consent: () =>
    renderConsentPage({ ...frame, form, clientName: evil, lead: evil, permissions: [evil], limits: [evil] }),
  error: () =>
    renderErrorPage({ ...frame, title: evil, message: evil, requestId: evil, action: { label: evil, href: evil } }),
  home: () => renderHomePage({ ...frame, coursesHref: evil }),
  register: () => renderRegisterPage({ ...frame, form, loginHref: evil }),
  confirm: () => renderConfirmPage({ ...frame, form, email: evil, wasSentAgain: true }),
  details: () => renderRegisterDetailsPage({ ...frame, form, email: evil, countries, passwordMinLength: 10 }),
  welcome: () => renderWelcomePage({ ...frame, username: evil, continueHref: evil }),
  'reset request': () => renderResetRequestPage({ ...frame, form }),
  'reset sent': () => renderResetSentPage(frame),
  'reset choice': () => renderResetChoosePage({ ...frame, form, passwordMinLength: 10 }),
  profile: () => renderProfilePage({ ...frame, form, countries }),
  password: () => renderPasswordPage({ ...frame, form, username: evil, passwordMinLength: 10 }),
  passkeys: () => renderPasskeysPage({ ...frame, passkeys: [passkey], notice: evil }),
  'passkey proof': () => renderPasskeyProofPage({ ...frame, form, needs }),
  'new passkey': () => renderNewPasskeyPage({ ...frame, form, options: { evil } }),
  passkey: () => renderPasskeyPage({ ...frame, passkey, nameForm: form, removeForm: form, needs }),
  'second factor off': () => renderSecondFactorOffPage({ ...frame, form }),
  'second factor on': () => renderSecondFactorOnPage({ ...frame, form, needs, codesLeft: 1 }),
  'second factor set-up': () => renderSecondFactorSetUpPage({ ...frame, form, uri: 'otpauth://totp', secret: evil }),
  'recovery codes': () => renderRecoveryCodesPage({ ...frame, codes: [evil] }),
  'second step': () => renderSecondStepPage({ ...frame, form, needs }),
  newcomer: () =>
    renderNewcomerPage({ ...frame, form, provider: evil, email: evil, loginHref: evil, registerHref: evil }),
  connect: () => renderConnectPage({ ...frame, form, provider: evil, username: evil, who: evil, needs }),
  disconnect: () => renderDisconnectPage({ ...frame, form, provider: evil, needs }),
  account: () =>
    renderAccountPage({
      ...frame,
      csrfToken: evil,
      notice: evil,
      facts: [{ term: evil, value: evil }],
      edxLink: { label: evil, tone: 'bad', explanation: evil, offer: evil, coursesHref: evil, edxUsername: evil },
      identities: [{ id: evil, provider: evil, detail: evil }],
      moreProviders: [{ label: evil, href: evil }],
      isPartner: true,
      sessions: [{ uid: evil, device: evil, detail: evil, isThisOne: false }],
      clients: [{ clientId: evil, name: evil, permissions: [evil], since: evil }],
    }),
  partner: () =>
    renderPartnerPage({
      ...frame,
      programs: [{ href: evil, title: evil, organization: evil, programKey: evil, rights: evil }],
    }),
  'partner without programs': () => renderPartnerPage({ ...frame, programs: [] }),
  'partner program': () =>
    renderPartnerProgramPage({
      ...frame,
      form: { ...form, errors: [{ field: 'file', message: evil }] },
      href: evil,
      title: evil,
      facts: [{ term: evil, value: evil }],
      isStale: true,
      mayWrite: true,
      mayRead: true,
      runs: [{ courseKey: evil, title: evil, keys: evil }],
      works: [{ href: evil, label: evil, detail: evil, state: { label: evil, tone: 'bad' } }],
    }),
  'partner work': () =>
    renderPartnerWorkPage({
      ...frame,
      csrfToken: evil,
      href: evil,
      program: { title: evil, href: evil },
      label: evil,
      state: { label: evil, tone: 'bad' },
      isFinished: true,
      progress: evil,
      done: 1,
      total: 2,
      trouble: evil,
      mayCancel: true,
      mayRetry: true,
      mayApply: true,
      file: evil,
      rows: {
        list: [{ key: evil, place: evil, outcome: { label: evil, tone: 'bad' }, reason: evil }],
        isFailedOnly: true,
        failed: 1,
        previous: evil,
        next: evil,
      },
    }),
};

test.each(Object.entries(pages))('the %s page shows whatever it is given as text', (_name, render) => {
  const html = render();
  expect(html).toContain('&#60;evil-tag onload&#61;alert(1)&#62;');
  expect(html).not.toContain('<evil-tag');
  expect(html).not.toContain(`"'>`);
  expect(html).not.toMatch(/onload=/);
});

test.each(Object.entries(pages))('the %s page has no script and no style inside of it', (_name, render) => {
  const html = [passkeyScriptPath, progressScriptPath].reduce(
    (text, path) => text.replace(`<script src="${path}" defer></script>`, ''),
    render(),
  );
  expect(html).not.toMatch(/<script|<style|\sstyle=|javascript:|\son\w+="/i);
});
