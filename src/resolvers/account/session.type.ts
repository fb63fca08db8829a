import { Field, ID, ObjectType } from 'type-graphql';
import type { ClientGrantSummary } from '../../access/client-grants.js';
import type { SessionSummary } from '../../access/sign-in.js';
import { Access } from '../access/access.decorator.js';

@Access()
@ObjectType('Session', { description: 'One sign-in of a person, in one browser.', simpleResolvers: true })
export class SessionType {
  @Field(() => ID, { description: 'Names the session when it is to be revoked.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'What the browser calls itself.' })
  device!: string | null;

  @Field(() => String, { nullable: true, description: 'Network address last seen.' })
  address!: string | null;

  @Field(() => Date, { description: 'When the person signed in.' })
  createdAt!: Date;

  @Field(() => Date, { description: 'When the session was last used.' })
  lastSeenAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When the session ends unless it is used.' })
  expiresAt!: Date | null;

  @Field(() => Boolean, { description: 'Whether this very request comes from it.' })
  current!: boolean;
}

@Access()
@ObjectType('ClientGrant', { description: 'A client that a person let in.', simpleResolvers: true })
export class ClientGrantType {
  accountId!: string;

  @Field(() => String, { description: 'OAuth client id.' })
  clientId!: string;

  @Field(() => String, { description: 'Name of the client.' })
  clientName!: string;

  @Field(() => [String], { description: 'What the client may do, as scopes.' })
  scopes!: string[];

  @Field(() => Date, { description: 'When the person allowed it.' })
  grantedAt!: Date;
}

export function toSession(session: SessionSummary, currentUid: string | undefined): SessionType {
  return Object.assign(new SessionType(), {
    id: session.uid,
    device: session.userAgent ?? null,
    address: session.address ?? null,
    createdAt: session.createdAt,
    lastSeenAt: session.lastSeenAt,
    expiresAt: session.expiresAt ?? null,
    current: session.uid === currentUid,
  });
}

export function toClientGrant(grant: ClientGrantSummary, accountId: string): ClientGrantType {
  return Object.assign(new ClientGrantType(), grant, { accountId });
}
