import { html } from 'ghtml';
import type { Words } from '../words/words.js';
import { type FormState, renderCsrf, renderErrorSummary } from './form.js';
import { type Frame, renderPage } from './layout.js';
import { passkeyScriptPath } from './passkey-script.js';
import { type ProofNeeds, renderProof } from './proof.js';

export interface DataExportPage extends Frame {
  form: FormState;
  /** Undefined when there is none. */
  copy: { isReady: boolean; readyAt: string; expiresAt: string; size: string } | undefined;
  /** Undefined when the person signed in a moment ago: then a button will do. */
  proof: ProofNeeds | undefined;
  lifeDays: number;
}

/** Asks for a copy of one's data, and gives it. */
export function renderDataExportPage(page: DataExportPage): string {
  const { words, copy } = page;
  return renderPage(page, {
    title: words('Your data'),
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>${words('Your data')}</h1>
<p class="lead">${words('A copy of everything that is stored about your account, as a JSON file: profile, addresses, enrollments with their history, sites with access, sign-ins and security events.')}</p>
!${renderErrorSummary(page.form)}
!${copy ? renderCopy(copy, words, page.proof === undefined) : ''}
!${copy && !copy.isReady ? '' : renderRequest(page)}
</div>`,
  });
}

function renderCopy(
  { isReady, readyAt, expiresAt, size }: NonNullable<DataExportPage['copy']>,
  words: Words,
  isProven: boolean,
): string {
  if (!isReady)
    return html`<div class="note wait" role="status"><p>${words('Your copy is being put together. We send you a mail when it is ready.')}</p></div>
<p class="actions"><a class="button quiet" href="/account/data">${words('Look again')}</a><a class="button quiet" href="/account">${words('Back to your account')}</a></p>`;
  const note = html`<div class="note good" role="status"><p>${words('Your copy of {readyAt} is ready ({size}). It is deleted on {expiresAt}.', { readyAt, size, expiresAt })}</p></div>`;
  if (!isProven) return note;
  return html`!${note}
<p class="actions"><a class="button" href="/account/data/download" download>${words('Download your data')}</a></p>`;
}

function renderRequest({ form, words, copy, proof, lifeDays }: DataExportPage): string {
  return html`<form method="post">
!${renderCsrf(form)}
!${proof ? renderProof(form, proof) : ''}
<p class="hint">${words('It can be downloaded for {count} days, by you alone.', { count: lifeDays })}</p>
<div class="actions">!${copy && proof ? html`<button class="button" name="act" value="download">${words('Download your data')}</button>` : ''}<button class="button!${copy ? ' quiet' : ''}">${copy ? words('Ask for a new copy') : words('Ask for a copy')}</button><a class="button quiet" href="/account">${words('Back to your account')}</a></div>
</form>`;
}
