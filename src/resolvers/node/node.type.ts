import { Field, ID, InterfaceType } from 'type-graphql';

/** Anything with an id that can be asked for again by `node`. */
@InterfaceType('Node', { description: 'An object with a stable, opaque id, which `node` finds again.' })
export abstract class Node {
  @Field(() => ID, { description: 'Opaque and stable.' })
  id!: string;
}
