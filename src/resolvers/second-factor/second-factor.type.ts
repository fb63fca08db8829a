import { Field, ID, ObjectType } from 'type-graphql';
import type { SecondFactor } from '../../services/second-factor/overview.js';
import { Access } from '../access/access.decorator.js';
import { describeEnum } from '../describe-enum.js';

const SecondFactorKindEnum = describeEnum<SecondFactor['kind']>(
  'SecondFactorKind',
  'What sign-in can ask for beside a password.',
  {
    AUTHENTICATOR_APP: 'An app that shows codes (RFC 6238).',
    PASSKEY: 'A passkey (WebAuthn); one that checks the person signs in without a password too.',
  },
);

@Access()
@ObjectType('SecondFactor', {
  description: 'What a person signs in with beside, or instead of, a password. No secret is part of it.',
  simpleResolvers: true,
})
export class SecondFactorType {
  @Field(() => ID, { description: 'Names it in the audit trail.' })
  id!: string;

  @Field(() => SecondFactorKindEnum, { description: 'What it is.' })
  kind!: SecondFactor['kind'];

  @Field(() => String, { description: 'What its owner calls it.' })
  name!: string;

  @Field(() => Date, { description: 'When it was added.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was last used.' })
  lastUsedAt!: Date | null;

  @Field(() => Boolean, {
    description: 'Whether it opens nothing any more: a passkey whose counter went backwards, as that of a copy would.',
  })
  suspended!: boolean;
}

export function toSecondFactor({ isSuspended, ...factor }: SecondFactor): SecondFactorType {
  const { id, kind, name, createdAt, lastUsedAt } = factor;
  return Object.assign(new SecondFactorType(), { id, kind, name, createdAt, lastUsedAt, suspended: isSuspended });
}
