import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { refusal } from '../../access/policy.js';
import { InvalidInputError } from '../../errors.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { parseGlobalId } from '../global-id.js';
import { largestPageSize } from '../page/read-page.js';
import { Node } from './node.type.js';
import { type NodeKind, nodeKinds } from './node-kinds.js';

@Resolver()
export class NodeResolver {
  @Access()
  @Query(() => Node, {
    nullable: true,
    description: 'Any object by its id; null when there is none. Whether the caller may see it is asked each time.',
  })
  async node(
    @Arg('id', () => ID, { description: 'Id of the object.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<Node | null> {
    const [found] = await findNodes([id], context);
    if (found instanceof Error) throw found;
    return found ?? null;
  }

  @Access()
  @Query(() => [Node], {
    nullable: 'items',
    description: 'Objects by their ids, in the order of the ids: at most 200. An unknown one is null.',
  })
  nodes(
    @Arg('ids', () => [ID], { description: 'Ids of the objects.' }) ids: string[],
    @Ctx() context: GraphContext,
  ): Promise<(Node | Error | null)[]> {
    if (ids.length > largestPageSize)
      throw new InvalidInputError(`Ask for at most ${largestPageSize} objects.`, {
        field: ['ids'],
        reason: 'BAD_PAGE',
      });
    return findNodes(ids, context);
  }
}

/**
 * Reads each type's objects together, of types that the caller may see at all: a stranger costs no query and no call of the
 * LMS. A refused object is an error in its place, whether it exists or not.
 */
async function findNodes(ids: readonly string[], context: GraphContext): Promise<(Node | Error | null)[]> {
  const wanted = ids.map((id) => parseGlobalId(id));
  const known = wanted.filter((node) => node !== undefined);
  const found = new Map<string, Map<string, Node>>();
  await Promise.all(
    [...Map.groupBy(known, (node) => node.type)].map(async ([type, nodes]) => {
      const kind = nodeKinds.get(type);
      if (!kind || refusal(context.viewer, kind.access, context.viewer.account?.id)) return;
      const keys = nodes.map((node) => node.key).filter((key) => kind.isKey(key));
      if (keys.length > 0) found.set(type, await kind.find(keys, context));
    }),
  );
  return wanted.map((node) => {
    const kind = node && nodeKinds.get(node.type);
    return kind ? admit(found.get(node.type)?.get(node.key), kind, context) : null;
  });
}

function admit(node: Node | undefined, kind: NodeKind, { viewer }: GraphContext): Node | Error | null {
  const ownerId = node && 'ownerId' in node && typeof node.ownerId === 'string' ? node.ownerId : undefined;
  return refusal(viewer, kind.access, ownerId) ?? node ?? null;
}
