import { html } from 'ghtml';
import { type Frame, renderPage } from './layout.js';

/** A program in the list of those that somebody has rights in. */
export interface ProgramView {
  href: string;
  title: string;
  organization: string;
  /** What partners call it by. */
  programKey: string;
  /** What the person may do there, in words. */
  rights: string;
}

/** The programs of somebody from a partner school; for others, how one gets there. */
export function renderPartnerPage(page: Frame & { programs: readonly ProgramView[] }): string {
  const { words, programs } = page;
  return renderPage(page, {
    title: words('Programs of your school'),
    isWide: true,
    body: html`<h1>${words('Programs of your school')}</h1>
<section class="section" aria-label="${words('Programs of your school')}">
!${programs.length > 0 ? html`<ul class="rows">!${programs.map(renderProgram)}</ul>` : renderNone(page)}
</section>`,
  });
}

function renderProgram({ href, title, organization, programKey, rights }: ProgramView): string {
  return html`<li><div><strong><a href="${href}">${title}</a></strong><p class="hint">${organization} · <code>${programKey}</code></p><p class="hint">${rights}</p></div></li>`;
}

function renderNone({ words, site }: Frame): string {
  return html`<p>${words('This page is for people of partner schools. Your account has no rights in a program yet.')}</p>
<p>${words('Ask your contact at {site} to give them to you, and name the e-mail address of your account. The programs appear here at once, also those of an invitation, as soon as your address is confirmed.', { site: site.name })}</p>
<p class="actions"><a class="button quiet" href="/account">${words('Back to your account')}</a>!${site.supportEmail ? html`<a class="button quiet" href="mailto:${site.supportEmail}">${words('Help')}</a>` : ''}</p>`;
}
