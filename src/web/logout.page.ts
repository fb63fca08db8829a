import { html } from 'ghtml';
import type { Words } from '../words/words.js';

/** What a frame of the LMS's sign-out page shows: next to nothing, and nothing to load. */
export function renderSignedOutFrame(words: Words): string {
  const text = html`${words('Signed out')}`;
  return html`<!doctype html><html lang="${words.language}" dir="${words.direction}"><title>!${text}</title><body><main><h1>!${text}</h1></main></body></html>`;
}
