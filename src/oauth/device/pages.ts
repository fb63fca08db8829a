import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import {
  type DeviceForm,
  renderDeviceCodePage,
  renderDeviceConfirmPage,
  renderDeviceDonePage,
} from '../../web/device.page.js';
import { renderErrorPage } from '../../web/error.page.js';
import type { Site } from '../../web/layout.js';
import { languageOf } from '../../words/languages.js';
import { type FixedText, type Words, wordsIn } from '../../words/words.js';
import type { Middleware } from '../middleware.js';
import { noteUnknownCode } from './limits.js';

/** The pages on which a person lets a device in (RFC 8628). */
export interface DevicePages {
  askForCode(ctx: KoaContextWithOIDC, form: string, out?: object, error?: Error & { userCode?: string }): void;
  askToConfirm(ctx: KoaContextWithOIDC, form: string, client: Client, device: object, userCode: string): void;
  sayDone(ctx: KoaContextWithOIDC): void;
}

/** What the provider says by the name of its error, in words for the person. */
const refusals: Record<string, FixedText> = {
  NoCodeError: 'Enter the code that the device shows.',
  NotFoundError: 'There is no such code. Compare it with the one on the device.',
  ExpiredError: 'This code has expired. Have the device show a new one.',
  AlreadyUsedError: 'This code was used already. Have the device show a new one.',
};

export function createDevicePages(site: Site): DevicePages {
  return {
    askForCode(ctx, _form, _out, error) {
      if (error?.name === 'NotFoundError') noteUnknownCode(ctx.state);
      if (error?.name === 'AbortedError') return render(ctx, renderStopped(site, wordsOf(ctx, site)));
      const words = wordsOf(ctx, site);
      const refusal = error && words(refusals[error.name] ?? 'This did not work. Start again on the device.');
      render(ctx, renderDeviceCodePage({ site, words, form: formOf(ctx, error?.userCode), refusal }));
    },
    askToConfirm(ctx, _form, client, _device, userCode) {
      const clientName = client.clientName ?? client.clientId;
      render(
        ctx,
        renderDeviceConfirmPage({ site, words: wordsOf(ctx, site), form: formOf(ctx, userCode), clientName }),
      );
    },
    sayDone(ctx) {
      const words = wordsOf(ctx, site);
      const clientName = ctx.oidc.client?.clientName ?? words('the application');
      render(ctx, renderDeviceDonePage({ site, words, clientName }));
    },
  };
}

/** A link that holds the code fills in the form. The person still sends it, having compared (RFC 8628 3.3.1). */
export function offerUserCode(site: Site): Middleware {
  return async (ctx, next) => {
    await next();
    const userCode = ctx.oidc?.route === 'code_verification' && ctx.method === 'GET' && ctx.oidc.params?.user_code;
    if (typeof userCode !== 'string' || ctx.status !== 200) return;
    render(ctx, renderDeviceCodePage({ site, words: wordsOf(ctx, site), form: formOf(ctx, userCode) }));
  };
}

function wordsOf({ req }: KoaContextWithOIDC, { locales }: Site): Words {
  return wordsIn(languageOf(req.headers, locales));
}

function renderStopped(site: Site, words: Words): string {
  return renderErrorPage({
    site,
    words,
    title: words('The device was not connected'),
    message: words('Nothing was allowed. You can close this page.'),
    action: { label: words('Enter another code'), href: '/oauth2/device' },
  });
}

function render(ctx: KoaContextWithOIDC, page: string): void {
  ctx.type = 'html';
  ctx.body = page;
}

function formOf({ oidc }: KoaContextWithOIDC, userCode: string | undefined): DeviceForm {
  return {
    action: new URL(oidc.urlFor('code_verification')).pathname,
    token: String(oidc.session?.state?.secret ?? ''),
    userCode: userCode ?? '',
  };
}
