import { html } from 'ghtml';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { renderPage, type Site } from '../../web/layout.js';
import { languageOf } from '../../words/languages.js';
import { wordsIn } from '../../words/words.js';

/** The pages of a sign-out that an application asked for (OpenID Connect RP-Initiated Logout). */
export interface SignOutPages {
  askToSignOut(ctx: KoaContextWithOIDC, form: string): void;
  sayGoodbye(ctx: KoaContextWithOIDC): void;
}

export function createSignOutPages(site: Site): SignOutPages {
  return {
    askToSignOut(ctx, form) {
      const from = ctx.oidc.client?.clientName;
      const words = wordsIn(languageOf(ctx.req.headers, site.locales));
      ctx.type = 'html';
      ctx.body = renderPage(
        { site, words },
        {
          title: words('Sign out'),
          // `form` is the provider's own: an empty form with its one-time token, which the buttons belong to.
          body: html`<div class="card">
<h1>${words('Sign out?')}</h1>
<p class="lead">${from ? words('{client} asks to sign you out of {site} and of everything that you opened with it.', { client: from, site: site.name }) : words('This signs you out of {site} and of everything that you opened with it.', { site: site.name })}</p>
!${form}
<p class="actions stack">
<button class="button full" type="submit" form="op.logoutForm" name="logout" value="yes">${words('Sign out')}</button>
<button class="button quiet full" type="submit" form="op.logoutForm">${words('Stay signed in')}</button>
</p>
</div>`,
        },
      );
    },
    sayGoodbye(ctx) {
      const staysSignedIn = ctx.oidc.client !== undefined;
      const words = wordsIn(languageOf(ctx.req.headers, site.locales));
      ctx.type = 'html';
      ctx.body = renderPage(
        { site, words },
        {
          title: staysSignedIn ? words('Signed in') : words('Signed out'),
          body: html`<div class="card">
<h1>${staysSignedIn ? words('You are still signed in') : words('You are signed out')}</h1>
<p class="lead">${staysSignedIn ? words('Only the application was signed out.') : words('You can close this page.')}</p>
<p><a class="button" href="!${staysSignedIn ? '/account' : '/login'}">${staysSignedIn ? words('Go to your account') : words('Sign in again')}</a></p>
</div>`,
        },
      );
    },
  };
}
