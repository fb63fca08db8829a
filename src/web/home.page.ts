import { html } from 'ghtml';
import { type Frame, renderPage } from './layout.js';

export interface HomePage extends Frame {
  /** Where the courses are: begins single sign-on at the LMS. */
  coursesHref: string;
}

/** The start page: two ways in for strangers, the ways on for a person who is signed in. */
export function renderHomePage(page: HomePage): string {
  const { site, words, person, coursesHref } = page;
  const ways = person
    ? [
        way({ href: coursesHref, title: words('Your courses'), text: words('Go to the learning site, signed in.') }),
        way({
          href: '/account',
          title: words('Your account'),
          text: words('Profile, password, devices and connected sites.'),
        }),
        person.mayOpenPlayground
          ? way({
              href: '/playground',
              title: words('Playground'),
              text: words('Query and change the graph, as far as your role goes.'),
            })
          : '',
      ]
    : [];
  return renderPage(page, {
    title: words('Welcome'),
    body: person
      ? html`<div class="card"><h1>${words('Hello, {name}', { name: person.name })}</h1><ul class="rows">!${ways}</ul></div>`
      : html`<div class="card">
<h1>${words('Welcome to {site}', { site: site.name })}</h1>
<p class="lead">${words('One account for your courses and everything around them.')}</p>
<div class="actions stack"><a class="button" href="/login">${words('Sign in')}</a><a class="button quiet" href="/register">${words('Create an account')}</a></div>
</div>`,
  });
}

function way({ href, title, text }: { href: string; title: string; text: string }): string {
  return html`<li><div><a href="${href}"><strong>${title}</strong></a><p class="hint">${text}</p></div></li>`;
}
