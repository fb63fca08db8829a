import { html } from 'ghtml';
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
  const { site, person, copy } = page;
  return renderPage({
    site,
    person,
    title: 'Your data',
    script: passkeyScriptPath,
    body: html`<div class="card">
<h1>Your data</h1>
<p class="lead">A copy of everything that is stored about your account, as a JSON file: profile, addresses, enrollments with their history, sites with access, sign-ins and security events.</p>
!${renderErrorSummary(page.form)}
!${copy ? renderCopy(copy) : ''}
!${copy && !copy.isReady ? '' : renderRequest(page)}
</div>`,
  });
}

function renderCopy({ isReady, readyAt, expiresAt, size }: NonNullable<DataExportPage['copy']>): string {
  if (!isReady)
    return html`<div class="note wait" role="status"><p>Your copy is being put together. We send you a mail when it is ready.</p></div>
<p class="actions"><a class="button quiet" href="/account/data">Look again</a><a class="button quiet" href="/account">Back to your account</a></p>`;
  return html`<div class="note good" role="status"><p>Your copy of ${readyAt} is ready (${size}). It is deleted on ${expiresAt}.</p></div>
<p class="actions"><a class="button" href="/account/data/download" download>Download your data</a></p>`;
}

function renderRequest({ form, copy, proof, lifeDays }: DataExportPage): string {
  return html`<form method="post">
!${renderCsrf(form)}
!${proof ? renderProof(form, proof) : ''}
<p class="hint">It can be downloaded for ${lifeDays} days, by you alone.</p>
<div class="actions"><button class="button!${copy ? ' quiet' : ''}">${copy ? 'Ask for a new copy' : 'Ask for a copy'}</button><a class="button quiet" href="/account">Back to your account</a></div>
</form>`;
}
