import { html } from '../lms/http/answer.js';
import type { SiteHabits } from '../lms/http/site.js';

const TITLES: Readonly<Record<number, string>> = { 404: 'Not Found', 500: 'Server Error (500)' };

export const REGISTRAR_HABITS: SiteHabits = {
  appendsSlash: false,
  setsCookies: false,
  errorPage: (_call, status) => {
    const title = TITLES[status] ?? String(status);
    return html(
      `\n<!doctype html>\n<html lang="en">\n<head>\n  <title>${title}</title>\n</head>\n<body>\n  <h1>${title}</h1><p></p>\n</body>\n</html>\n`,
      status,
    );
  },
};
