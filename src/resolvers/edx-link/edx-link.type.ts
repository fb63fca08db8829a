import { Field, Int, ObjectType } from 'type-graphql';
import type { EdxLink, EdxLinkEvent, EdxLinkState } from '../../entities/edx-link.entity.js';
import { type LinkRemedy, remedyOf } from '../../services/edx-link/remedy.js';
import { Access } from '../access/access.decorator.js';
import { accountAccess } from '../account/account.type.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';
import { connectionOf } from '../page/connection.type.js';
import { JsonScalar } from '../scalars/json.scalar.js';
import { toUpstreamFailure, UpstreamFailureType } from '../upstream/upstream-failure.type.js';
import { EdxLinkRemedyEnum, EdxLinkStateEnum } from './edx-link.enums.js';

@Access()
@ObjectType('EdxApiTokenStatus', {
  description: 'State of the learner’s API token at the LMS; the token itself never leaves Portico.',
  simpleResolvers: true,
})
export class EdxApiTokenStatus {
  @Field(() => Boolean, { description: 'Whether there is one.' })
  hasToken!: boolean;

  @Field(() => Date, { nullable: true, description: 'When it ends.' })
  expiresAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was last obtained or renewed.' })
  lastRefreshedAt!: Date | null;

  @Field(() => UpstreamFailureType, { nullable: true, description: 'Why it could not be obtained or renewed.' })
  lastError!: UpstreamFailureType | null;
}

/** One step of a link's life. Its actor is in the resolver. */
@Access()
@ObjectType('EdxLinkEvent', { description: 'One step in the life of an edX link.', simpleResolvers: true })
export class EdxLinkEventType {
  actorId!: string | null;

  @Field(() => Date, { description: 'When it happened.' })
  at!: Date;

  @Field(() => EdxLinkStateEnum, { nullable: true, description: 'State before; null for the first step.' })
  from!: EdxLinkState | null;

  @Field(() => EdxLinkStateEnum, { description: 'State after.' })
  to!: EdxLinkState;

  @Field(() => String, { description: 'Stable word for why, e.g. `account-created`.' })
  cause!: string;

  @Field(() => JsonScalar, { nullable: true, description: 'What else is known of it.' })
  detail!: Record<string, unknown> | null;
}

/** The tie between an account and its LMS user. What the LMS says live is in the resolver. */
@Access(accountAccess)
@ObjectType('EdxLink', {
  description: 'The tie between an account and its user in the LMS.',
  implements: Node,
  simpleResolvers: true,
})
export class EdxLinkType extends Node {
  /** Row id of the link. */
  rowId!: string;
  /** Row id of the account; what `own` compares. */
  ownerId!: string;

  @Field(() => EdxLinkStateEnum, { description: 'How far the account is tied to the LMS.' })
  state!: EdxLinkState;

  @Field(() => Date, { description: 'Since when it is in this state.' })
  stateSince!: Date;

  @Field(() => String, { nullable: true, description: 'Username in the LMS.' })
  edxUsername!: string | null;

  @Field(() => Int, { nullable: true, description: 'Numeric user id in the LMS.' })
  edxUserId!: number | null;

  @Field(() => String, { description: 'The LMS’s id of Portico as provider, e.g. `oa2-ol-oauth2`.' })
  providerId!: string;

  @Field(() => String, { nullable: true, description: 'The uid that the LMS holds for this account.' })
  remoteId!: string | null;

  @Field(() => EdxApiTokenStatus, { description: 'State of the learner’s API token at the LMS.' })
  apiToken!: EdxApiTokenStatus;

  @Field(() => Int, { description: 'Tries that failed for reasons of this account; outages do not count.' })
  attempts!: number;

  @Field(() => Date, { nullable: true, description: 'When it is tried next.' })
  nextAttemptAt!: Date | null;

  @Field(() => UpstreamFailureType, { nullable: true, description: 'Why the last try failed.' })
  lastError!: UpstreamFailureType | null;

  @Field(() => EdxLinkRemedyEnum, {
    nullable: true,
    description: 'The one thing to do about a link in CONFLICT or REJECTED; null in any other state.',
  })
  remedy!: LinkRemedy | null;
}

export const EdxLinkConnection = connectionOf(EdxLinkType, 'EdxLink', 'edX links');

export function toEdxLink(row: EdxLink): EdxLinkType {
  return Object.assign(new EdxLinkType(), {
    id: toGlobalId('EdxLink', row.id),
    rowId: row.id,
    ownerId: row.accountId,
    state: row.state,
    stateSince: row.stateSince,
    edxUsername: row.edxUsername,
    edxUserId: row.edxUserId,
    providerId: row.providerId,
    remoteId: row.remoteId,
    apiToken: {
      hasToken: row.apiTokenExpiresAt !== null,
      expiresAt: row.apiTokenExpiresAt,
      lastRefreshedAt: row.apiTokenRefreshedAt,
      lastError: toUpstreamFailure(row.apiTokenLastError),
    },
    attempts: row.attempts,
    nextAttemptAt: row.nextAttemptAt,
    lastError: toUpstreamFailure(row.lastError),
    remedy: remedyOf(row) ?? null,
  });
}

export function toEdxLinkEvent(row: EdxLinkEvent): EdxLinkEventType {
  return Object.assign(new EdxLinkEventType(), {
    actorId: row.actorId,
    at: row.at,
    from: row.from as EdxLinkState | null,
    to: row.to as EdxLinkState,
    cause: row.cause,
    detail: row.detail,
  });
}
