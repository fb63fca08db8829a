import { errors } from 'oidc-provider';

/** RFC 8693 2.1. */
export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** Token types (RFC 8693 3) that are taken and given: access tokens of ours, and whether in JWT form. */
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
export const jwtTokenType = 'urn:ietf:params:oauth:token-type:jwt';
const knownTypes: ReadonlySet<string> = new Set([accessTokenType, jwtTokenType]);

export const exchangeParameters = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'audience',
  'resource',
  'scope',
] as const;

/** Those that a request may have several of (RFC 8693 2.1); more than one target is refused in words of its own. */
export const repeatableParameters = ['audience', 'resource'] as const;

/** A request for an exchange, as far as it can be judged by itself. */
export interface ExchangeRequest {
  subjectToken: string;
  actorToken: string | undefined;
  wantsJwt: boolean;
  /** Where the new token shall be good; here, when left out. */
  target: string | undefined;
  /** Empty when the client takes what it can get. */
  scopes: string[];
}

/**
 * @throws `InvalidRequest` for what is missing, unknown or does not belong together
 * @throws `InvalidTarget` for more targets than one
 */
export function readExchangeRequest(params: Record<string, unknown>): ExchangeRequest {
  const subjectToken = textOf(params.subject_token);
  if (subjectToken === undefined) throw new errors.InvalidRequest('subject_token is missing');
  requireKnownType(params, 'subject_token_type');
  const actorToken = textOf(params.actor_token);
  if (actorToken !== undefined) requireKnownType(params, 'actor_token_type');
  else if (params.actor_token_type !== undefined)
    throw new errors.InvalidRequest('actor_token_type comes with an actor_token only');
  if (params.requested_token_type !== undefined) requireKnownType(params, 'requested_token_type');
  const targets = new Set([params.audience, params.resource].flat().filter((target) => target !== undefined));
  if (targets.size > 1) throw new errors.InvalidTarget('one token is good for one target only');
  return {
    subjectToken,
    actorToken,
    wantsJwt: params.requested_token_type === jwtTokenType,
    target: textOf([...targets][0]),
    scopes: [...new Set(String(params.scope ?? '').split(' '))].filter(Boolean),
  };
}

function requireKnownType(params: Record<string, unknown>, name: string): void {
  const type = params[name];
  if (type === undefined) throw new errors.InvalidRequest(`${name} is missing`);
  if (!knownTypes.has(String(type))) throw new errors.InvalidRequest(`${name} must be ${[...knownTypes].join(' or ')}`);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
