import type { Examination } from './examination.js';
import { type Finding, find, Trouble } from './finding.js';

/** Whether signing out of the LMS signs out of Portico, and may lead back to it: read from the LMS's sign-out page. */
export async function checkSignOut({ pages, config }: Examination): Promise<Finding[]> {
  const { publicUrl } = config.http;
  const page = pages.get(`/logout?${new URLSearchParams({ redirect_url: `${publicUrl}/` })}`);
  const { host } = new URL(publicUrl);
  return Promise.all([
    find(
      'sign-out',
      async () => {
        if (!unescapeHtml((await page).text).includes(`${publicUrl}/logout?`))
          throw new Trouble('who signs out of the LMS stays signed in to Portico');
        return 'the LMS tells Portico of it';
      },
      `Add to the LMS's settings: IDA_LOGOUT_URI_LIST.append("${publicUrl}/logout")`,
    ),
    find(
      'way back from sign-out',
      async () => {
        const target = /data-redirect-url="([^"]*)"/.exec((await page).text)?.[1];
        if (target === undefined || !unescapeHtml(target).startsWith(publicUrl))
          throw new Trouble(`the LMS does not send people back to ${publicUrl}`);
        return `the LMS sends people back to ${publicUrl}`;
      },
      `Add to the LMS's settings: LOGIN_REDIRECT_WHITELIST.append("${host}")`,
    ),
  ]);
}

function unescapeHtml(text: string): string {
  return text
    .replace(/&#x3D;|&#61;/gi, '=')
    .replace(/&#x2F;|&#47;/gi, '/')
    .replaceAll('&amp;', '&');
}
