import { html } from 'ghtml';

/** What a frame of the LMS's sign-out page shows: next to nothing, and nothing to load. */
export function renderSignedOutFrame(): string {
  return html`<!doctype html><html lang="en"><title>Signed out</title><body><main><h1>Signed out</h1></main></body></html>`;
}
