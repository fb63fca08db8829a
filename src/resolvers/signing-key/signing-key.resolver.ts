import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { oauthClientAccess } from '../oauth-client/oauth-client.type.js';
import { withUserErrors } from '../user-error.type.js';
import {
  RotateSigningKeyInput,
  RotateSigningKeyPayload,
  readKind,
  SigningKeyType,
  toSigningKey,
} from './signing-key.type.js';

@Resolver()
export class SigningKeyResolver {
  @Access(oauthClientAccess)
  @Query(() => [SigningKeyType], { description: 'Keys that tokens are, were or will be signed with; newest first.' })
  async signingKeys(@Ctx() { services }: GraphContext): Promise<SigningKeyType[]> {
    return (await services.signingKeys.list()).map(toSigningKey);
  }

  @Access(oauthClientAccess)
  @Mutation(() => RotateSigningKeyPayload, {
    description:
      'Publishes new signing keys. They sign as soon as everybody can have fetched them, and the old ones are withdrawn when nothing that they signed is valid any more; both happen by themselves. Where a new key is on its way already, none is added.',
  })
  rotateSigningKey(
    @Arg('input', () => RotateSigningKeyInput, { description: 'Which keys.' }) input: RotateSigningKeyInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<RotateSigningKeyPayload> {
    const nothing: Omit<RotateSigningKeyPayload, 'userErrors'> = { signingKeys: [] };
    return withUserErrors(nothing, async () => ({
      signingKeys: (await services.signingKeys.rotate(readKind(input), actor)).map(toSigningKey),
    }));
  }
}
