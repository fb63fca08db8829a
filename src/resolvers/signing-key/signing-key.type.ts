import { Field, InputType, ObjectType } from 'type-graphql';
import type {
  SigningAlgorithm,
  SigningKey,
  SigningKeyPurpose,
  SigningKeyState,
} from '../../entities/signing-key.entity.js';
import { Access } from '../access/access.decorator.js';
import { describeEnum } from '../describe-enum.js';
import { oauthClientAccess } from '../oauth-client/oauth-client.type.js';
import { UserError } from '../user-error.type.js';

const purposes = {
  TOKENS: 'Signs ID tokens and access tokens.',
  RESTRICTED: 'Signs the access tokens of restricted clients, and nothing else.',
};
type Purpose = keyof typeof purposes;
const purposeWords: Record<SigningKeyPurpose, Purpose> = { tokens: 'TOKENS', restricted: 'RESTRICTED' };
const purposesByWord: Record<Purpose, SigningKeyPurpose> = { TOKENS: 'tokens', RESTRICTED: 'restricted' };

const SigningKeyPurposeEnum = describeEnum<Purpose>('SigningKeyPurpose', 'What a key signs.', purposes);

const SigningAlgorithmEnum = describeEnum<SigningAlgorithm>('SigningAlgorithm', 'How a key signs (RFC 7518 3.1).', {
  RS256: 'RSA with SHA-256: ID tokens, unless a client asks for others.',
  RS512: 'RSA with SHA-512: access tokens in the form of Open edX.',
  ES256: 'ECDSA on P-256: ID tokens of clients that ask for it.',
});

const SigningKeyStateEnum = describeEnum<SigningKeyState>('SigningKeyState', 'How far a key is in its life.', {
  PUBLISHED: 'Others can fetch it; it signs from `activeFrom` on.',
  ACTIVE: 'It signs.',
  RETIRING: 'It signs no more; what it signed is still accepted.',
  RETIRED: 'It is withdrawn, and what it signed is no longer accepted.',
});

@Access(oauthClientAccess)
@ObjectType('SigningKey', { description: 'A key that tokens are signed with, without the key.', simpleResolvers: true })
export class SigningKeyType {
  @Field(() => String, { description: 'Names the key in tokens and in the published key set.' })
  kid!: string;

  @Field(() => SigningAlgorithmEnum, { description: 'How it signs.' })
  algorithm!: SigningAlgorithm;

  @Field(() => SigningKeyPurposeEnum, { description: 'What it signs.' })
  purpose!: Purpose;

  @Field(() => SigningKeyStateEnum, { description: 'How far it is in its life.' })
  state!: SigningKeyState;

  @Field(() => Date, { description: 'When it was made and published.' })
  createdAt!: Date;

  @Field(() => Date, { description: 'From when on it signs, or signed.' })
  activeFrom!: Date;

  @Field(() => Date, { nullable: true, description: 'Since when it signs no more.' })
  retiringFrom!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was withdrawn.' })
  retiredAt!: Date | null;
}

@InputType('RotateSigningKeyInput', { description: 'Which keys are to be replaced; all, when nothing is given.' })
export class RotateSigningKeyInput {
  @Field(() => SigningKeyPurposeEnum, { nullable: true, description: 'Only keys for this.' })
  purpose?: Purpose | null;

  @Field(() => SigningAlgorithmEnum, { nullable: true, description: 'Only keys of this algorithm.' })
  algorithm?: SigningAlgorithm | null;
}

@Access()
@ObjectType('RotateSigningKeyPayload', { description: 'What came of rotateSigningKey.', simpleResolvers: true })
export class RotateSigningKeyPayload {
  @Field(() => [SigningKeyType], { description: 'The keys that are on their way, and from when on they sign.' })
  signingKeys!: SigningKeyType[];

  @Field(() => [UserError], { description: 'What kept it from being done; empty when it was.' })
  userErrors!: UserError[];
}

export function toSigningKey(row: SigningKey): SigningKeyType {
  const { kid, algorithm, purpose, state, createdAt, activeFrom, retiringFrom, retiredAt } = row;
  const times = { createdAt, activeFrom, retiringFrom: retiringFrom ?? null, retiredAt: retiredAt ?? null };
  return Object.assign(new SigningKeyType(), { kid, algorithm, purpose: purposeWords[purpose], state, ...times });
}

/** @returns what of the keys is wanted, in the words of the service */
export function readKind({ purpose, algorithm }: RotateSigningKeyInput): {
  purpose?: SigningKeyPurpose;
  algorithm?: SigningAlgorithm;
} {
  return { ...(purpose && { purpose: purposesByWord[purpose] }), ...(algorithm && { algorithm }) };
}
