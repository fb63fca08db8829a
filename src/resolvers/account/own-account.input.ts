import { Field, ID, InputType } from 'type-graphql';

@InputType('ChangePasswordInput', { description: 'One’s own password.' })
export class ChangePasswordInput {
  @Field(() => String, { description: 'The present password.' })
  currentPassword!: string;

  @Field(() => String, { description: 'The new one; at least 10 characters, and not easy to guess.' })
  password!: string;
}

@InputType('ChangeEmailInput', { description: 'One’s own new e-mail address.' })
export class ChangeEmailInput {
  @Field(() => String, { description: 'The new address; a code goes there.' })
  email!: string;

  @Field(() => String, { description: 'The present password.' })
  currentPassword!: string;

  @Field(() => String, {
    nullable: true,
    description: 'A code of the authenticator app, or a recovery code, from whoever has them.',
  })
  code?: string | null;
}

@InputType('ConfirmEmailChangeInput', { description: 'Proof that one reads mail at the new address.' })
export class ConfirmEmailChangeInput {
  @Field(() => String, { description: 'The six digits from the newest mail.' })
  code!: string;
}

@InputType('RevokeSessionInput', { description: 'Which sign-in ends.' })
export class RevokeSessionInput {
  @Field(() => ID, { description: 'Id of the session.' })
  sessionId!: string;

  @Field(() => ID, { nullable: true, description: 'Whose session; one’s own without it.' })
  accountId?: string | null;
}

@InputType('SignOutEverywhereInput', { description: 'Who is signed out everywhere.' })
export class SignOutEverywhereInput {
  @Field(() => ID, { nullable: true, description: 'Account to sign out; one’s own without it.' })
  accountId?: string | null;
}

@InputType('RevokeClientGrantInput', { description: 'What is taken back from which client.' })
export class RevokeClientGrantInput {
  @Field(() => String, { description: 'The `client_id` of OAuth.' })
  clientId!: string;

  @Field(() => ID, { nullable: true, description: 'Whose grant; one’s own without it.' })
  accountId?: string | null;
}
