import { Field, Int, ObjectType } from 'type-graphql';
import type { ClientRefusal, ClientUsage } from '../../services/oauth-client/insights.js';
import { Access } from '../access/access.decorator.js';

@Access()
@ObjectType('ClientUsage', { description: 'What a client did in the last days.', simpleResolvers: true })
export class ClientUsageType {
  @Field(() => Int, { description: 'How many days this covers.' })
  days!: number;

  @Field(() => Int, { description: 'How often it was given tokens.' })
  tokensIssued!: number;

  @Field(() => Int, { description: 'How many of its requests, and of those in its name, were refused.' })
  failures!: number;

  @Field(() => Date, { nullable: true, description: 'When it was last given a token in these days.' })
  lastUsedAt!: Date | null;
}

@Access()
@ObjectType('ClientRefusal', {
  description: 'A request of a client, or in its name, that was refused: for whoever integrates it.',
  simpleResolvers: true,
})
export class ClientRefusalType {
  @Field(() => Date, { description: 'When it was refused.' })
  at!: Date;

  @Field(() => String, { nullable: true, description: 'Endpoint of the provider, e.g. `token`.' })
  endpoint!: string | null;

  @Field(() => String, { description: 'OAuth error code, as it was answered.' })
  error!: string;

  @Field(() => String, { nullable: true, description: 'What exactly was wrong; more than the client was told.' })
  reason!: string | null;

  @Field(() => String, { nullable: true, description: 'Network address that it came from.' })
  address!: string | null;
}

export function toClientUsage(days: number, usage: ClientUsage | undefined): ClientUsageType {
  const { tokensIssued = 0, failures = 0, lastUsedAt = null } = usage ?? {};
  return Object.assign(new ClientUsageType(), { days, tokensIssued, failures, lastUsedAt });
}

export function toClientRefusal({ at, endpoint, error, reason, address }: ClientRefusal): ClientRefusalType {
  return Object.assign(new ClientRefusalType(), { at, endpoint, error, reason, address });
}
