import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The kept library's half in the browser, as its package brings it: conversions, and the differences between browsers. */
const library = readFileSync(
  new URL('../dist/bundle/index.umd.min.js', import.meta.resolve('@simplewebauthn/browser')),
  'utf8',
);

/**
 * Brings buttons to life that make or use a passkey; what they do stands at the button (`renderPasskeyButton`). The answer
 * goes into the form's field `passkey`, and to us with the form.
 */
const behaviour = `
(() => {
  const { browserSupportsWebAuthn, browserSupportsWebAuthnAutofill, startAuthentication, startRegistration } = SimpleWebAuthnBrowser;
  if (!browserSupportsWebAuthn()) return;
  let isBusy = false;

  const readOptions = async ({ form, dataset }) => {
    if (dataset.options) return JSON.parse(dataset.options);
    const body = new URLSearchParams({ _csrf: form.elements._csrf.value });
    const answer = await fetch(dataset.optionsHref, { method: 'POST', body });
    if (!answer.ok) throw new Error('no options: ' + answer.status);
    return answer.json();
  };
  const say = ({ form }, name) => {
    const status = form.querySelector('[data-passkey-status]');
    status.textContent = name ? status.dataset[name] : '';
    status.hidden = !name;
  };
  const hand = (button, answer) => {
    const { form, dataset } = button;
    form.elements.passkey.value = JSON.stringify(answer);
    if (dataset.then === 'submit') return form.submit();
    for (const field of form.querySelectorAll('[autocomplete=one-time-code]')) field.required = false;
    say(button, 'ready');
  };
  const run = async (button, useBrowserAutofill = false) => {
    const optionsJSON = await readOptions(button);
    const isNew = button.dataset.passkey === 'create';
    hand(button, await (isNew ? startRegistration({ optionsJSON }) : startAuthentication({ optionsJSON, useBrowserAutofill })));
  };
  /** Lets the browser offer passkeys where the username is typed. Nothing is said when nobody takes one. */
  const offer = async (button) => {
    if (!isBusy && !document.hidden && (await browserSupportsWebAuthnAutofill())) await run(button, true).catch(() => {});
  };

  for (const hint of document.querySelectorAll('[data-without-passkeys]')) hint.hidden = true;
  for (const button of document.querySelectorAll('button[data-passkey]')) {
    const hasAutofill = 'autofill' in button.dataset;
    button.hidden = false;
    button.addEventListener('click', async () => {
      if (isBusy) return;
      isBusy = true;
      say(button, '');
      try {
        await run(button);
      } catch {
        say(button, 'failed');
      }
      isBusy = false;
    });
    if (!hasAutofill) continue;
    offer(button);
    // What the browser was asked to sign is taken for five minutes only.
    setInterval(() => offer(button), 240_000);
  }
})();
`;

/** The one script of pages; only pages with passkeys have it. */
export const passkeyScript = `${library}\n${behaviour.trim()}\n`;

/** Where the script is served. The name changes with the content, so browsers may keep it for ever. */
export const passkeyScriptPath = `/assets/passkeys.${createHash('sha256').update(passkeyScript).digest('hex').slice(0, 12)}.js`;
