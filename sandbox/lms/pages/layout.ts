import { html as markup } from 'ghtml';
import type { Lms } from '../lms.js';
import type { LmsUser } from '../rows.js';

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #f2f4f7; --line: #c9d0d9; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14171b; --soft: #1e2329; --line: #3b434d; --link: #7db7f5; } }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; padding: .75rem 1.25rem; background: var(--soft); border-bottom: 1px solid var(--line); }
header strong { font-size: 1.1rem; }
header nav { display: flex; flex-wrap: wrap; gap: 1rem; margin-inline-start: auto; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem 1.25rem 3rem; }
a { color: var(--link); }
table { border-collapse: collapse; width: 100%; }
caption { text-align: start; font-weight: 600; padding: .5rem 0; }
th, td { text-align: start; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th { background: var(--soft); white-space: nowrap; }
td { overflow-wrap: break-word; max-width: 32rem; }
.scroll { overflow-x: auto; }
.button, button { display: inline-block; padding: .45rem .9rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--soft); color: inherit; text-decoration: none; font: inherit; cursor: pointer; }
.message { padding: .6rem .9rem; border: 1px solid var(--line); border-inline-start: .35rem solid var(--link); background: var(--soft); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: .6rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
`;

/**
 * A page of the sandbox LMS.
 *
 * @param body - markup, already escaped
 */
export function pageLayout(lms: Lms, title: string, user: LmsUser | null, body: string): string {
  const site = lms.state.site.platformName;
  const account =
    user === null
      ? markup`<a href="/auth/login/ol-oauth2/?auth_entry=login">Sign in</a>`
      : markup`<a href="/dashboard">Dashboard of ${user.username}</a> <a href="/logout">Sign out</a>`;
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${site}</title>
<style>!${STYLE}</style>
</head>
<body>
<header><strong>${site}</strong><nav aria-label="Account"><a href="/">Home</a> !${account}</nav></header>
<main>
!${body}
</main>
</body>
</html>
`;
}
