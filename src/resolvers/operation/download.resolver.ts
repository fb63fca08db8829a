import { Ctx, Field, FieldResolver, Float, ObjectType, Resolver, Root } from 'type-graphql';
import type { DownloadLink } from '../../services/operation/operation-files.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { OperationType } from './operation.type.js';

@Access()
@ObjectType('DownloadLink', {
  description: 'Where a file can be had for some minutes, by whoever holds the address.',
  simpleResolvers: true,
})
export class DownloadLinkType {
  @Field(() => String, { description: 'Address of the file, signed.' })
  url!: string;

  @Field(() => Date, { description: 'Until when the address is good; ask for another then.' })
  expiresAt!: Date;

  @Field(() => String, { description: 'Name of the file.' })
  name!: string;

  @Field(() => Float, { description: 'Size in bytes.' })
  sizeBytes!: number;
}

@Resolver(() => OperationType)
export class OperationDownloadResolver {
  @FieldResolver(() => DownloadLinkType, {
    nullable: true,
    description:
      'The file that it wrote, by a fresh address; null without one, and when it is kept no longer: a day, unless the site says otherwise.',
  })
  async download(
    @Root() { rowId }: OperationType,
    @Ctx() { services, stored }: GraphContext,
  ): Promise<DownloadLink | null> {
    const file = await stored.operationFile.load(rowId);
    return file ? services.operationFiles.link(file) : null;
  }
}
