import type { UniversityPerson } from './people.js';

/** Where somebody says who they are; there are no passwords at this university. */
export function signInPage(people: readonly UniversityPerson[], query: URLSearchParams, action: string): string {
  const hidden = [...query].map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const buttons = people.map(
    ({ sub, name, studentKey }) =>
      `<p><button name="person" value="${escapeHtml(sub)}">${escapeHtml(name)} ${escapeHtml(studentKey ?? '')}</button></p>`,
  );
  return page(
    'Sign in',
    `<p>Who are you? This is the sandbox: nobody has a password here.</p>
<form method="post" action="${action}">${hidden.join('')}${buttons.join('\n')}<p><button name="person" value="">Cancel</button></p></form>`,
  );
}

export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · Demo University</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem}button{font:inherit;padding:.4rem .8rem}</style></head>
<body><main><h1>Demo University</h1><h2>${title}</h2>${body}</main></body></html>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
