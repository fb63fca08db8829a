import { type ClassType, Field, Int, ObjectType } from 'type-graphql';
import type { Page } from '../../services/keyset.js';
import { Access } from '../access/access.decorator.js';
import { toCursor } from './read-page.js';

/** Where a page lies in its list. */
@Access()
@ObjectType('PageInfo', { description: 'Where a page lies in its list.', simpleResolvers: true })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there is more after this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether there is more before this page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first object of this page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last object of this page.' })
  endCursor!: string | null;
}

export interface EdgeOf<Node> {
  cursor: string;
  node: Node;
}

/** A page of a list as clients see it. */
export interface ConnectionOf<Node> {
  edges: EdgeOf<Node>[];
  nodes: Node[];
  pageInfo: PageInfo;
  /** Counted when asked for only. */
  totalCount: () => Promise<number | null>;
}

/**
 * The connection type of a node type, e.g. `AccountConnection` with `AccountEdge`.
 *
 * @param plural - what the list holds, for descriptions
 */
export function connectionOf<Node extends object>(node: ClassType<Node>, name: string, plural: string) {
  @Access()
  @ObjectType(`${name}Edge`, { description: `One of a list of ${plural}, with its place.`, simpleResolvers: true })
  class Edge implements EdgeOf<Node> {
    @Field(() => String, { description: 'Where this object is in the list; for `after` and `before`.' })
    cursor!: string;

    @Field(() => node, { description: 'The object itself.' })
    node!: Node;
  }

  @Access()
  @ObjectType(`${name}Connection`, { description: `A page of a list of ${plural}.`, simpleResolvers: true })
  class Connection implements ConnectionOf<Node> {
    @Field(() => [Edge], { description: 'The objects of this page with their cursors.' })
    edges!: Edge[];

    @Field(() => [node], { description: 'The objects of this page.' })
    nodes!: Node[];

    @Field(() => PageInfo, { description: 'Where this page lies in the list.' })
    pageInfo!: PageInfo;

    @Field(() => Int, { nullable: true, description: 'How many the whole list has, where that is cheap to know.' })
    totalCount!: () => Promise<number | null>;
  }
  return Connection;
}

/** Shapes a page of rows into a connection. */
export function toConnection<Row extends { id: string }, Node>(
  page: Page<Row>,
  toNode: (row: Row) => Node,
): ConnectionOf<Node> {
  const edges = page.rows.map((row) => ({ cursor: toCursor(row.id), node: toNode(row) }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: () => page.count(),
  };
}
