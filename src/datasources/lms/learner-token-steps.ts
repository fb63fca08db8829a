/** Where the exchange of a learner's API token can end without one. */
export type LearnerTokenStep =
  | 'sso-refused'
  | 'sso-sign-in-asked'
  | 'sso-consent-asked'
  | 'sso-busy'
  | 'sso-unclear'
  | 'login-page'
  | 'backend-missing'
  | 'lms-user-disabled'
  | 'consent-asked'
  | 'authorize-refused'
  | 'foreign-redirect'
  | 'too-many-hops'
  | 'no-code'
  | 'state-mismatch'
  | 'exchange-refused'
  | 'client-misconfigured'
  | 'portico-unreachable';

export interface LearnerTokenFailure {
  kind: 'failed';
  step: LearnerTokenStep;
  /** For an operator: what was seen and where to look. */
  message: string;
}

const sentences: Record<LearnerTokenStep, string> = {
  'sso-refused':
    "Portico refused the LMS's request for a sign-on: the LMS's client must have the redirect URI registered that it sends.",
  'sso-sign-in-asked':
    'Portico asked for a sign-in, although a session had just been opened for this one: a cookie was not kept, or clocks differ.',
  'sso-consent-asked': "Portico asked for consent: the LMS's client must skip it.",
  'sso-busy': 'Portico itself could not answer now, or limited this address.',
  'sso-unclear': 'The way ended on a page of Portico that does not say why.',
  'login-page': 'The LMS ended on its own sign-in page: it does not know this learner as linked to Portico.',
  'backend-missing':
    "The LMS has no sign-in through Portico at this path: check its provider settings and Portico's setting for the path.",
  'lms-user-disabled': 'The LMS does not let this user in: the account is disabled.',
  'consent-asked': 'The LMS asks for consent: its application for Portico must skip authorization.',
  'authorize-refused':
    'The LMS refused the authorization: check its application for Portico (client id, redirect URI, scopes).',
  'foreign-redirect': 'The way led to a host that is neither the LMS nor Portico; it was not followed.',
  'too-many-hops':
    'The LMS and Portico send each other in circles: often a cookie that is not kept, or hosts that differ from the configured ones.',
  'no-code': 'The LMS did not send an authorization code.',
  'state-mismatch': 'The answer belongs to another request: it was dropped.',
  'exchange-refused': 'The LMS did not accept the authorization code that it had just given.',
  'client-misconfigured':
    "The LMS does not accept Portico's API client: check OPENEDX_API_CLIENT_ID and OPENEDX_API_CLIENT_SECRET, and that its application is not a restricted one.",
  'portico-unreachable': 'Portico did not reach itself under its public URL: check PORTICO_PUBLIC_URL.',
};

/** @param detail - what was seen, without anything secret */
export function messageOf(step: LearnerTokenStep, detail?: string): string {
  return detail ? `${sentences[step]} (${detail})` : sentences[step];
}

/** A page on which the way ended, instead of at Portico's call-back. */
export interface EndPage {
  url: URL;
  status: number;
  isLms: boolean;
}

/** @returns which step failed, or undefined for a page on which a signed-in learner may well land */
export function stepOfPage({ url, status, isLms }: EndPage): LearnerTokenStep | undefined {
  if (!isLms) return stepOfOwnPage(url, status);
  if (/^\/(login|register)\b/.test(url.pathname)) return 'login-page';
  if (status === 404 && url.pathname.startsWith('/auth/')) return 'backend-missing';
  if (status === 403) return 'lms-user-disabled';
  if (/^\/oauth2\/authorize\b/.test(url.pathname)) return status < 400 ? 'consent-asked' : 'authorize-refused';
  return status < 400 || status === 404 ? undefined : 'no-code';
}

/** Portico says by address and status what it wanted in place of signing the learner in. */
function stepOfOwnPage({ pathname }: URL, status: number): LearnerTokenStep {
  if (status === 429 || status >= 500) return 'sso-busy';
  if (status >= 400) return /\/oauth2\/authorize\/?$/.test(pathname) ? 'sso-refused' : 'sso-unclear';
  if (/\/login\/[^/]+/.test(pathname)) return 'sso-sign-in-asked';
  return /\/consent\/[^/]+/.test(pathname) ? 'sso-consent-asked' : 'sso-unclear';
}
