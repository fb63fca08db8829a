import { html } from 'ghtml';
import { renderCsrf } from './form.js';
import { type Frame, renderPage } from './layout.js';
import type { StateView } from './partner-program.page.js';
import { progressScriptPath } from './progress-script.js';

/** What became of one row of a file. */
export interface RowView {
  key: string;
  /** Number of the row, and the course run if it is about one. */
  place: string;
  outcome: StateView;
  /** What happened, and what to do. */
  reason: string | undefined;
}

export interface PartnerWorkPage extends Frame {
  csrfToken: string;
  /** Address of this page. */
  href: string;
  program: { title: string; href: string };
  label: string;
  state: StateView;
  isFinished: boolean;
  /** How far it is, in words. */
  progress: string;
  done: number;
  total: number | undefined;
  /** Why it failed as a whole, or has to wait. */
  trouble: string | undefined;
  mayCancel: boolean;
  mayRetry: boolean;
  /** It said what would change: the same file can be written now. */
  mayApply: boolean;
  /** The file that it wrote. */
  file: string | undefined;
  /** Left out when nothing is told by rows. */
  rows:
    | { list: readonly RowView[]; isFailedOnly: boolean; failed: number; previous?: string; next?: string }
    | undefined;
}

/** An upload or a download: how far it is, what became of each row, and what can be done about it. */
export function renderPartnerWorkPage(page: PartnerWorkPage): string {
  const { words, program, label, isFinished } = page;
  return renderPage(page, {
    title: label,
    isWide: true,
    script: progressScriptPath,
    reloadSeconds: isFinished ? undefined : 5,
    body: html`<p><a href="${program.href}">${program.title}</a></p>
<h1>${label}</h1>
<section class="section" aria-labelledby="progress">
<header><h2 id="progress">${words('Progress')}</h2></header>
!${isFinished ? renderProgress(page) : html`<div data-progress role="status">!${renderProgress(page)}</div>`}
!${renderActions(page)}
</section>
!${renderRows(page)}`,
  });
}

function renderProgress({ words, state, progress, done, total, isFinished, trouble }: PartnerWorkPage): string {
  const bar =
    total === undefined
      ? html`<progress aria-label="${words('Progress')}"></progress>`
      : html`<progress aria-label="${words('Progress')}" value="${done}" max="${Math.max(total, 1)}"></progress>`;
  return html`<p><span class="tag !${state.tone}">${state.label}</span> ${progress}</p>
!${isFinished ? '' : html`<p>!${bar}</p>`}
!${trouble ? html`<div class="note !${isFinished ? 'bad' : 'wait'}"><p>${trouble}</p></div>` : ''}`;
}

function renderActions(page: PartnerWorkPage): string {
  const { words, csrfToken, href, isFinished, rows, file } = page;
  const act = (name: string, label: string, look: string) =>
    html`<form method="post" action="${href}/${name}">!${renderCsrf({ csrfToken })}<button class="button small !${look}">${label}</button></form>`;
  const actions = [
    isFinished ? '' : html`<a class="button quiet small" href="${href}">${words('Look again')}</a>`,
    file ? html`<a class="button small" href="${href}/download">${words('Download {file}', { file })}</a>` : '',
    page.mayApply ? act('apply', words('Write these changes'), '') : '',
    page.mayRetry ? act('retry', words('Try the failed rows again'), 'quiet') : '',
    isFinished && rows && rows.failed > 0
      ? html`<a class="button quiet small" href="${href}/failed-rows.csv" download>${words('Download the failed rows')}</a>`
      : '',
    page.mayCancel ? act('cancel', words('Stop'), 'danger') : '',
  ].filter(Boolean);
  const hint =
    isFinished && rows && rows.failed > 0
      ? html`<p class="hint">${words('The file of failed rows says in each what is wrong. Put it right there, and upload that file: nothing else is sent again.')}</p>`
      : '';
  return actions.length > 0 ? html`<div class="actions">!${actions}</div>!${hint}` : '';
}

function renderRows({ words, href, rows, isFinished }: PartnerWorkPage): string {
  if (!rows) return '';
  const { list, isFailedOnly, failed, previous, next } = rows;
  const items = list.map(
    ({ key, place, outcome, reason }) =>
      html`<li><div><strong>${key}</strong><p class="hint">${place}</p>!${reason ? html`<p class="hint">${reason}</p>` : ''}</div><span class="tag !${outcome.tone}">${outcome.label}</span></li>`,
  );
  const other = isFailedOnly
    ? html`<a href="${href}?rows=all">${words('Show all rows')}</a>`
    : html`<a href="${href}?rows=failed">${words('Show failed rows only')}</a>`;
  return html`<section class="section" aria-labelledby="rows">
<header><h2 id="rows">${isFailedOnly ? words('Failed rows') : words('Rows')}</h2>!${failed > 0 || isFailedOnly ? other : ''}</header>
!${list.length > 0 ? html`<ul class="rows">!${items}</ul>` : html`<p class="hint">${isFinished ? words('None.') : words('None yet.')}</p>`}
!${previous || next ? html`<nav class="actions" aria-label="${words('Pages')}">!${previous ? html`<a class="button quiet small" href="${previous}">${words('Earlier rows')}</a>` : ''}!${next ? html`<a class="button quiet small" href="${next}">${words('Later rows')}</a>` : ''}</nav>` : ''}
</section>`;
}
