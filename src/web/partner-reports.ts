import { html } from 'ghtml';
import type { Words } from '../words/words.js';

/** Reports of a program, the newest first. */
export interface ReportsView {
  list: readonly { href: string; name: string; day: string }[];
  /** Whether there are older ones that are not in the list. */
  isCut: boolean;
  isUnreadable: boolean;
}

/** The section of the page of a program; nothing where there are none. */
export function renderReports({ list, isCut, isUnreadable }: ReportsView, words: Words): string {
  if (list.length === 0 && !isUnreadable) return '';
  const rows = list.map(
    ({ href, name, day }) =>
      html`<li><div><strong><a href="${href}">${name}</a></strong><p class="hint">${day}</p></div></li>`,
  );
  return html`<section class="section" aria-labelledby="reports">
<header><h2 id="reports">${words('Reports')}</h2></header>
!${isUnreadable ? html`<div class="note wait" role="status"><p>${words('Reports cannot be read at the moment. Load the page again later.')}</p></div>` : html`<ul class="rows">!${rows}</ul>`}
!${isCut ? html`<p class="hint">${words('These are the newest. The API gives older ones, too.')}</p>` : ''}
</section>`;
}
