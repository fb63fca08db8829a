import { Field, ObjectType } from 'type-graphql';
import type { ClientRestriction, RestrictionMode } from '../../entities/oauth-client.entity.js';
import { Access } from '../access/access.decorator.js';
import { RestrictionModeEnum } from './oauth-client.enums.js';

@Access()
@ObjectType('ClientRestriction', { description: 'What a client is held to.', simpleResolvers: true })
export class ClientRestrictionType {
  @Field(() => RestrictionModeEnum, { description: 'How its tokens are restricted.' })
  mode!: RestrictionMode;

  @Field(() => [String], {
    description: 'Organizations whose courses its tokens may concern (`content_org`); all, when empty.',
  })
  organizations!: string[];

  @Field(() => [String], {
    description: 'Third-party-auth providers that its tokens may concern (`tpa_provider`); none, when empty.',
  })
  providers!: string[];

  @Field(() => [String], { description: 'Scopes that it is left with; those it is registered for, when empty.' })
  scopes!: string[];
}

export function toClientRestriction(restriction: ClientRestriction): ClientRestrictionType {
  return Object.assign(new ClientRestrictionType(), restriction);
}
