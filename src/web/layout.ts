import { html } from 'ghtml';
import type { Language } from '../words/languages.js';
import type { Words } from '../words/words.js';
import { stylesheetPath } from './stylesheet.js';

/** How the site presents itself on every page; from the settings. */
export interface Site {
  name: string;
  logo: string | undefined;
  /** Languages of pages; the first is for whoever reads none of them. */
  locales: readonly Language[];
  supportEmail: string | undefined;
  termsUrl: string | undefined;
  privacyUrl: string | undefined;
}

/** A page in another language, by the name that the language has for itself. */
export interface LanguageLink {
  language: string;
  name: string;
  href: string;
}

/** What every page has around its own content. */
export interface Frame {
  site: Site;
  /** In the language of whoever looks at it. */
  words: Words;
  /** The same page in other languages, where it has an address of its own. */
  otherLanguages?: readonly LanguageLink[] | undefined;
  /** The person who is signed in, for the navigation. */
  person?: { name: string; mayOpenPlayground: boolean } | undefined;
}

/** What one page has of its own. */
export interface Page {
  title: string;
  /** Finished HTML, made with the escaping tag. */
  body: string;
  /** More room, for pages that are read rather than filled in. */
  isWide?: boolean;
  /** Path of a script of ours; the route has to allow it. */
  script?: string;
  /** After so many seconds browsers without scripts load the page again. */
  reloadSeconds?: number | undefined;
}

/** A gable on three columns; drawn here so that it takes the color of the text around it. */
const mark = `<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false"><path fill="currentColor" d="M16 3 2.5 10.5V13h27v-2.5zM5 15h4v10H5zm9 0h4v10h-4zm9 0h4v10h-4zM2.5 26.5h27V29h-27z"/></svg>`;

/**
 * The whole document around a page. Values are escaped; only `body` is taken as HTML. (`!` before an expression of the `html`
 * tag says that it is HTML already: it stands before fragments only, never before data.)
 */
export function renderPage(
  { site, words, person, otherLanguages = [] }: Frame,
  { title, body, isWide = false, script, reloadSeconds }: Page,
): string {
  return html`<!doctype html>
<html lang="${words.language}" dir="${words.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${site.name}</title>
<link rel="stylesheet" href="!${stylesheetPath}">
<link rel="icon" href="data:,">
!${script ? html`<script src="${script}" defer></script>` : ''}
!${reloadSeconds ? html`<noscript><meta http-equiv="refresh" content="${reloadSeconds}"></noscript>` : ''}
</head>
<body>
<a class="skip" href="#content">${words('Skip to the content')}</a>
<header class="top">
<a class="brand" href="/">!${renderLogo(site)}</a>
!${person ? renderNavigation(person, words) : ''}
</header>
<main id="content" !${isWide ? 'class="wide"' : ''}>
!${body}
</main>
<footer class="foot">!${renderFooterLinks(site, words)}!${renderLanguages(otherLanguages)}</footer>
</body>
</html>
`;
}

function renderLogo(site: Site): string {
  if (site.logo) return html`<img src="${site.logo}" alt="${site.name}">`;
  return html`!${mark}<span>${site.name}</span>`;
}

function renderNavigation(person: NonNullable<Frame['person']>, words: Words): string {
  return html`<nav aria-label="${words('Your account')}">
!${person.mayOpenPlayground ? html`<a href="/playground">${words('Playground')}</a>` : ''}
<a href="/account">${person.name}</a>
<form method="post" action="/logout"><button class="link">${words('Sign out')}</button></form>
</nav>`;
}

function renderFooterLinks({ termsUrl, privacyUrl, supportEmail }: Site, words: Words): string {
  return [
    termsUrl ? html`<a href="${termsUrl}">${words('Terms')}</a>` : '',
    privacyUrl ? html`<a href="${privacyUrl}">${words('Privacy')}</a>` : '',
    supportEmail ? html`<a href="mailto:${supportEmail}">${words('Help')}</a>` : '',
  ].join('\n');
}

function renderLanguages(links: readonly LanguageLink[]): string {
  return links
    .map(({ language, name, href }) => html`<a href="${href}" lang="${language}" hreflang="${language}">${name}</a>`)
    .join('\n');
}
