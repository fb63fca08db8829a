import { API_KEY, authenticate } from '../auth/authenticate.js';
import type { Lms } from '../lms.js';
import { type Answer, emptyHtml, json, redirect, withHeader } from './answer.js';
import type { Call } from './call.js';
import { newSessionId } from './cookies.js';
import { AnswerNow, ApiError, type ErrorFamily, NO_CREDENTIALS, notAuthenticated, permissionDenied } from './errors.js';
import type { Site, SiteHabits } from './site.js';
import {
  type ApiViewOptions,
  allowedMethods,
  type Handler,
  type Method,
  type PlainViewOptions,
  type View,
} from './view.js';

/** Finds the view of a call and runs it; answers what the site answers when there is none, or when it crashes. */
export async function dispatch(
  lms: Lms,
  { habits }: Pick<Site, 'habits'>,
  views: readonly View[],
  call: Call,
  reportCrash: (error: unknown) => void,
): Promise<Answer> {
  try {
    const view = findView(views, call.path, (params) => {
      call.params = params;
    });
    if (view?.api) return await runApiView(lms, habits, view.api, call);
    if (view?.plain) return await runPlainView(view.plain, call);
    if (habits.appendsSlash && !call.path.endsWith('/') && findView(views, `${call.path}/`)) return appendSlash(call);
    return habits.errorPage(call, 404);
  } catch (error) {
    if (error instanceof AnswerNow) return error.answer;
    reportCrash(error);
    // The transaction is rolled back, and the session that the view touched with it.
    call.forgetCookies();
    return habits.errorPage(call, 500);
  }
}

function findView(
  views: readonly View[],
  path: string,
  take: (params: Record<string, string>) => void = () => {},
): View | undefined {
  for (const view of views) {
    const match = view.isHidden() ? null : view.pattern.exec(path);
    if (match) {
      take({ ...match.groups });
      return view;
    }
  }
  return undefined;
}

/** Django's `APPEND_SLASH`: for any method, so a POST that follows it becomes a GET. */
function appendSlash(call: Call): Answer {
  return redirect(`${call.escapedPath}/${call.rawQuery === '' ? '' : `?${call.rawQuery}`}`, 301);
}

async function runPlainView(options: PlainViewOptions, call: Call): Promise<Answer> {
  options.before?.(call);
  const handler = handlerOf(options.methods, call.method);
  if (handler) return handler(call);
  const allow = options.allow ?? allowedMethods(options.methods);
  return emptyHtml(call.method === 'OPTIONS' ? 200 : 405, [['Allow', allow]]);
}

async function runApiView(lms: Lms, habits: SiteHabits, options: ApiViewOptions, call: Call): Promise<Answer> {
  const allow = allowedMethods(options.methods);
  const answer = await answerOfApiView(lms, options, call).catch((error: unknown) => {
    if (error instanceof AnswerNow) return error.answer;
    if (error instanceof ApiError) return describeError(error, options);
    throw error;
  });
  if (habits.setsCookies && call.caller !== null && call.caller.via !== 'session') {
    call.deleteCookie('openedx-language-preference');
    // It records the e-mail for the LMS's session safety and is no login, so the sandbox need not remember it.
    if (!call.isSettingCookie('sessionid'))
      call.setCookie('sessionid', newSessionId(), { maxAgeSeconds: 1_209_600, httpOnly: true, sameSite: 'Lax' });
  }
  return answer.headers.some(([name]) => name === 'Allow') ? answer : withHeader(answer, 'Allow', allow);
}

async function answerOfApiView(lms: Lms, options: ApiViewOptions, call: Call): Promise<Answer> {
  call.accepts = options.accepts ?? ['json', 'form', 'multipart'];
  if (!acceptsJson(call)) throw new ApiError(406, 'Could not satisfy the request Accept header.');
  call.hasApiKey = call.header('x-edx-api-key') === API_KEY;
  call.caller = await authenticate(lms, call, options.profile);
  if (call.caller?.isRestricted && !options.scopes?.some((scope) => call.caller?.scopes.includes(scope)))
    throw permissionDenied();
  const isKeyEnough = options.apiKey === true && call.hasApiKey;
  const isAnonymousEnough = options.anonymous ?? options.profile === 'P0';
  if (call.caller === null && !isKeyEnough && !isAnonymousEnough) throw notAuthenticated();
  options.permission?.(call);
  // The enrollment family looks for the key by itself, also on views that do not take it for a credential.
  const isKeyHolder = call.hasApiKey && options.throttle === 'enrollment';
  if (options.throttle && !isKeyHolder)
    lms.throttle.count(options.throttle, call.caller?.user ?? null, call.remoteAddress, call.now.getTime());
  const handler = handlerOf(options.methods, call.method);
  if (handler) return handler(call);
  if (call.method === 'OPTIONS')
    return json({
      name: options.name ?? 'Api',
      description: '',
      renders: ['application/json'],
      parses: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    });
  throw new ApiError(405, `Method "${call.method}" not allowed.`);
}

function handlerOf(methods: Partial<Record<Method, Handler>>, method: string): Handler | undefined {
  return methods[(method === 'HEAD' ? 'GET' : method) as Method];
}

function acceptsJson(call: Call): boolean {
  const accept = call.header('accept');
  return accept === '' || /(^|[,\s])(\*\/\*|application\/(\*|json))(?=[;,\s]|$)/.test(accept);
}

function describeError(error: ApiError, options: ApiViewOptions): Answer {
  const family: ErrorFamily = options.errors ?? 'E1';
  const isAnonymous = error.status === 401 && error.detail === NO_CREDENTIALS;
  const detail = isAnonymous && options.unauthenticatedText ? options.unauthenticatedText : error.detail;
  if (family === 'E2') return json({ developer_message: detail }, error.status);
  const headers: [string, string][] = [];
  if (error.status === 401) headers.push(['WWW-Authenticate', options.challenge ?? 'JWT realm="api"']);
  if (error.retryAfterSeconds !== undefined) headers.push(['Retry-After', String(error.retryAfterSeconds)]);
  return json(typeof detail === 'string' ? { detail } : detail, error.status, headers);
}
