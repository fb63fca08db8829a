import { html } from 'ghtml';
import type { Language } from '../../words/languages.js';
import type { Words } from '../../words/words.js';

/** Who the mails come from, in words; from the settings. */
export interface MailSite {
  name: string;
  supportEmail: string | undefined;
  /** Languages of mails; the first is for whoever reads none of them. */
  locales: readonly Language[];
}

/** One mail, from top to bottom. All texts are plain. */
export interface MailContent {
  site: MailSite;
  /** In the language of whoever gets it. */
  words: Words;
  greeting: string;
  paragraphs: readonly string[];
  /** Shown large, to be typed in. */
  code?: string;
  button?: { label: string; href: string };
  /** Small print at the end. */
  closing: string;
}

/** Both forms of a mail: text for everything, HTML for those that show it. No image, nothing that is loaded. */
export function renderMail(content: MailContent): { text: string; html: string } {
  const { site, words, greeting, paragraphs, code, button, closing } = content;
  const help = site.supportEmail ? words('Questions? Write to {address}.', { address: site.supportEmail }) : '';
  const text = [
    greeting,
    ...paragraphs,
    code && `    ${code}`,
    button && `${button.label}:\n${button.href}`,
    closing,
    help,
    `-- \n${site.name}`,
  ];
  return { text: `${text.filter(Boolean).join('\n\n')}\n`, html: renderHtml(content, help) };
}

function renderHtml({ site, words, greeting, paragraphs, code, button, closing }: MailContent, help: string): string {
  return html`<!doctype html>
<html lang="${words.language}" dir="${words.direction}">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${site.name}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<div style="max-width:520px;margin:0 auto">
<p style="font-weight:600;font-size:18px">${site.name}</p>
<p>${greeting}</p>
!${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}
!${code ? html`<p style="font-size:30px;letter-spacing:8px;font-weight:600;margin:24px 0">${code}</p>` : ''}
!${
    button
      ? html`<p style="margin:24px 0"><a href="${button.href}" style="display:inline-block;padding:12px 22px;border-radius:9px;background:#0b5d6b;color:#ffffff;text-decoration:none;font-weight:600">${button.label}</a></p>
<p style="font-size:13px;color:#66717d">${words('If the button does not work, open this address:')}<br><a href="${button.href}" style="color:#66717d;word-break:break-all">${button.href}</a></p>`
      : ''
  }
<p style="font-size:13px;color:#66717d">${closing} ${help}</p>
</div>
</body>
</html>
`;
}
