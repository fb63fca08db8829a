import { html } from 'ghtml';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { renderPage, type Site } from '../../web/layout.js';

/** The pages of a sign-out that an application asked for (OpenID Connect RP-Initiated Logout). */
export interface SignOutPages {
  askToSignOut(ctx: KoaContextWithOIDC, form: string): void;
  sayGoodbye(ctx: KoaContextWithOIDC): void;
}

export function createSignOutPages(site: Site): SignOutPages {
  return {
    askToSignOut(ctx, form) {
      const from = ctx.oidc.client?.clientName;
      ctx.type = 'html';
      ctx.body = renderPage({
        site,
        title: 'Sign out',
        // `form` is the provider's own: an empty form with its one-time token, which the buttons belong to.
        body: html`<div class="card">
<h1>Sign out?</h1>
<p class="lead">${from ? `${from} asks to sign you out of ${site.name} and of everything that you opened with it.` : `This signs you out of ${site.name} and of everything that you opened with it.`}</p>
!${form}
<p class="actions stack">
<button class="button full" type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
<button class="button quiet full" type="submit" form="op.logoutForm">Stay signed in</button>
</p>
</div>`,
      });
    },
    sayGoodbye(ctx) {
      const staysSignedIn = ctx.oidc.client !== undefined;
      ctx.type = 'html';
      ctx.body = renderPage({
        site,
        title: staysSignedIn ? 'Signed in' : 'Signed out',
        body: html`<div class="card">
<h1>${staysSignedIn ? 'You are still signed in' : 'You are signed out'}</h1>
<p class="lead">${staysSignedIn ? 'Only the application was signed out.' : 'You can close this page.'}</p>
<p><a class="button" href="!${staysSignedIn ? '/account' : '/login'}">${staysSignedIn ? 'Go to your account' : 'Sign in again'}</a></p>
</div>`,
      });
    },
  };
}
