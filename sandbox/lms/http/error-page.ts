import { html as markup } from 'ghtml';
import { type Answer, html, reasonOf } from './answer.js';
import type { Call } from './call.js';

const SENTENCES: Readonly<Record<number, string>> = {
  400: 'The request could not be understood.',
  403: 'You are not allowed to do this.',
  404: 'The page that you were looking for was not found.',
  429: 'Too many requests. Please try again later.',
  500: 'There has been a 500 error on the LMS servers.',
  503: 'The LMS is not available.',
};

/** The LMS's HTML error page; it also hands out a CSRF token. */
export function errorPage(call: Call, status: number): Answer {
  call.setCsrfCookie();
  return html(errorMarkup(status), status);
}

export function errorMarkup(status: number): string {
  const title = `${status} ${reasonOf(status)}`;
  return markup`<!DOCTYPE html>
<html lang="en">
<head dir="ltr">
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${SENTENCES[status] ?? 'Something went wrong.'}</p>
<p><a href="/">Home</a></p>
</main>
</body>
</html>
`;
}

/** Django's own page for a failed CSRF check. */
export function csrfPage(): Answer {
  return html(
    '<!DOCTYPE html>\n<html lang="en">\n<head><meta http-equiv="content-type" content="text/html; charset=utf-8"><meta name="robots" content="NONE,NOARCHIVE"><title>403 Forbidden</title></head>\n<body><h1>Forbidden <span>(403)</span></h1><p>CSRF verification failed. Request aborted.</p></body>\n</html>\n',
    403,
  );
}
