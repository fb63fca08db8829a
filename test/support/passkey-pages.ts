import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import type { Browser } from './browser.js';

/** The token of the present page's forms. */
export function tokenOf(browser: Browser): string {
  return /name="_csrf" value="([^"]+)"/.exec(browser.page?.text ?? '')?.[1] ?? '';
}

/** What the script of the present page reads from us when its button to use a passkey is pressed. */
export async function askedBy(browser: Browser): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { page } = browser;
  const path = /data-options-href="([^"]+)"/.exec(page?.text ?? '')?.[1] ?? '';
  const answer = await browser.visit(path, { method: 'POST', body: new URLSearchParams({ _csrf: tokenOf(browser) }) });
  // The page is still the one that asked.
  browser.page = page;
  return JSON.parse(answer.text);
}

/** What the present page has its browser make. */
export function creationOptions(browser: Browser): PublicKeyCredentialCreationOptionsJSON {
  const [, escaped = ''] = /data-options="([^"]+)"/.exec(browser.page?.text ?? '') ?? [];
  return JSON.parse(escaped.replaceAll('&#34;', '"').replaceAll('&#38;', '&'));
}
