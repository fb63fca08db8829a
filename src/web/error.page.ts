import { html } from 'ghtml';
import { type Frame, renderPage } from './layout.js';

export interface ErrorPage extends Frame {
  /** One short sentence: what happened. */
  title: string;
  /** What it means, or what to do; already free of anything the person should not see. */
  message: string;
  /** Lets support find the log line. */
  requestId?: string | undefined;
  /** A way on; the start page when left out. */
  action?: { label: string; href: string } | undefined;
}

/** The page for everything that went wrong: unknown address, refused, expired, failed. */
export function renderErrorPage(page: ErrorPage): string {
  const { words, title, message, requestId, action } = page;
  const way = action ?? { label: words('Go to the start page'), href: '/' };
  return renderPage(page, {
    title,
    body: html`<div class="card">
<h1>${title}</h1>
<p class="lead">${message}</p>
<p><a class="button" href="${way.href}">${way.label}</a></p>
!${requestId ? html`<p class="hint">!${words.html('If you ask for help, mention {id}.', { id: html`<code>${requestId}</code>` })}</p>` : ''}
</div>`,
  });
}
