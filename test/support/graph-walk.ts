import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

/** GraphQL literals to try, by the name of an argument or of a field of an input, e.g. `key: ['"masters"']`. */
export type Literals = Readonly<Record<string, readonly string[]>>;

/** The scopes that open a field, its own or those of its type; also those that open it to whoever it is about. */
export function scopeOf(field: GraphQLField<unknown, unknown>): string {
  const { directives } = field.extensions as { directives?: { access?: { scope?: string; ownScope?: string } } };
  const { scope = '', ownScope = '' } = directives?.access ?? {};
  return `${scope} ${ownScope}`.trim();
}

/**
 * Every way through the graph from a query to the fields of an object of the given types: a document for each, with all fields
 * there that need no argument. From each query on, every field that leads on is passed once; beyond the given types, what is
 * behind one step is looked at and not passed. Objects whose fields are asked for tell their type.
 *
 * @param literals - what arguments are filled with; a query is asked once for each that is given for it
 */
export function waysTo(schema: GraphQLSchema, types: ReadonlySet<string>, literals: Literals): string[] {
  const documents: string[] = [];
  const walkFrom = (root: GraphQLNamedType, call: string) => {
    const passed = new Set<string>();
    // Nearest first, so that every field is reached by a short way.
    const ahead: Way[] = [{ type: root, hasWanted: false, wrap: (inner) => `${call} { ${inner} }` }];
    for (const { type, hasWanted: hadWanted, wrap } of ahead) {
      if (isAbstractType(type))
        for (const one of schema.getPossibleTypes(type).filter(({ name }) => types.has(name)))
          ahead.push({ type: one, hasWanted: hadWanted, wrap: (inner) => wrap(`... on ${one.name} { ${inner} }`) });
      if (!isObjectType(type)) continue;
      const isWanted = types.has(type.name) || isConnectionOf(type, types);
      const hasWanted = hadWanted || isWanted;
      const leaves = leavesOf(type);
      if (leaves.length > 0 && hasWanted) documents.push(`{ ${wrap(`__typename ${leaves.join(' ')}`)} }`);
      if (hadWanted && !isWanted) continue;
      for (const field of Object.values(type.getFields())) {
        const edge = `${type.name}.${field.name}`;
        const next = getNamedType(field.type);
        // Of a connection, its nodes: the edges have the same.
        if (isLeafType(next) || next.name === 'PageInfo' || field.name === 'edges' || passed.has(edge)) continue;
        const [part] = callsOf(field, literals);
        if (part === undefined) continue;
        passed.add(edge);
        ahead.push({ type: next, hasWanted, wrap: (inner) => wrap(`${part} { ${inner} }`) });
      }
    }
  };
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    const type = getNamedType(field.type);
    if (!isLeafType(type)) for (const call of callsOf(field, literals)) walkFrom(type, call);
  }
  return [...new Set(documents)];
}

/**
 * Every field that any query leads to, each once and by the shortest way: a document for each object type with all of its fields that have
 * nothing below them, and one for each field that leads there.
 *
 * @returns `unfilled`: fields, as `Type.field`, that cannot be asked for, since the literals have nothing for their arguments
 */
export function everyField(schema: GraphQLSchema, literals: Literals): { documents: string[]; unfilled: string[] } {
  const documents: string[] = [];
  const unfilled: string[] = [];
  const passed = new Set<string>();
  const query = schema.getQueryType();
  if (!query) return { documents, unfilled };
  const ahead: Omit<Way, 'hasWanted'>[] = [{ type: query, wrap: (inner) => `{ ${inner} }` }];
  for (const { type, wrap } of ahead) {
    if (isAbstractType(type))
      for (const one of schema.getPossibleTypes(type))
        ahead.push({ type: one, wrap: (inner) => wrap(`... on ${one.name} { ${inner} }`) });
    if (!isObjectType(type)) continue;
    const leaves = leavesOf(type);
    if (leaves.length > 0) documents.push(wrap(leaves.join(' ')));
    for (const field of Object.values(type.getFields())) {
      const edge = `${type.name}.${field.name}`;
      if (passed.has(edge) || leaves.includes(field.name)) continue;
      passed.add(edge);
      const calls = callsOf(field, literals);
      if (calls.length === 0) unfilled.push(edge);
      const next = getNamedType(field.type);
      for (const call of calls) {
        if (isLeafType(next)) documents.push(wrap(call));
        else ahead.push({ type: next, wrap: (inner) => wrap(`${call} { ${inner} }`) });
      }
    }
  }
  return { documents: [...new Set(documents)], unfilled };
}

/** Fields, as `Type.field`, of the objects of an answer that tell their type and have something there. */
export function fieldsIn(answer: unknown): Set<string> {
  const seen = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { __typename: type, ...fields } = value as Record<string, unknown>;
    for (const [name, inner] of Object.entries(fields)) {
      if (typeof type === 'string' && inner !== null) seen.add(`${type}.${name}`);
      look(inner);
    }
  };
  look(answer);
  return seen;
}

interface Way {
  /** What it leads to. */
  type: GraphQLNamedType;
  /** Whether it came by one of the types that are looked for. */
  hasWanted: boolean;
  /** Makes a selection at its end one of the whole document. */
  wrap(selection: string): string;
}

function isConnectionOf(type: GraphQLObjectType, types: ReadonlySet<string>): boolean {
  const nodes = type.getFields().nodes;
  return nodes !== undefined && types.has(getNamedType(nodes.type).name);
}

/** Documents for each mutation by its name: one for each literal that its input can be filled with. */
export function mutationsOf(schema: GraphQLSchema, literals: Literals): Map<string, string[]> {
  return new Map(
    Object.values(schema.getMutationType()?.getFields() ?? {}).map((field) => {
      const payload = getNamedType(field.type) as GraphQLObjectType;
      const asked = Object.values(payload.getFields()).map((part) => {
        const type = getNamedType(part.type);
        return isObjectType(type) ? `${part.name} { ${leavesOf(type).join(' ')} }` : part.name;
      });
      return [field.name, callsOf(field, literals).map((call) => `mutation { ${call} { ${asked.join(' ')} } }`)];
    }),
  );
}

function leavesOf(type: GraphQLObjectType): string[] {
  return Object.values(type.getFields())
    .filter((field) => isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument))
    .map(({ name }) => name);
}

/** Calls of a field: one for each literal that an argument can have; nothing for what cannot be filled. */
function callsOf(field: GraphQLField<unknown, unknown>, literals: Literals): string[] {
  const args = field.args
    .filter((arg) => isRequiredArgument(arg) || arg.name in literals)
    .map((arg) => ({ name: arg.name, values: valuesOf(arg, literals) }));
  if (args.some(({ values }) => values.length === 0)) return [];
  const rounds = Math.max(1, ...args.map(({ values }) => values.length));
  return Array.from({ length: rounds }, (_, round) => {
    const filled = args.map(({ name, values }) => `${name}: ${values[round % values.length]}`);
    return filled.length > 0 ? `${field.name}(${filled.join(', ')})` : field.name;
  });
}

function valuesOf({ name, type }: GraphQLArgument | GraphQLInputField, literals: Literals): readonly string[] {
  return literals[name] ?? literals[getNamedType(type).name] ?? usualOf(type, literals);
}

function usualOf(type: GraphQLInputType, literals: Literals): string[] {
  if (isNonNullType(type)) return usualOf(type.ofType, literals);
  if (isListType(type)) return usualOf(type.ofType, literals).map((value) => `[${value}]`);
  if (isEnumType(type)) return [type.getValues()[0]?.name ?? 'null'];
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const fill = (chosen: readonly GraphQLInputField[]) => {
      const parts = chosen.map((field) => ({ field, values: valuesOf(field, literals) }));
      const rounds = Math.max(1, ...parts.map(({ values }) => values.length));
      return Array.from(
        { length: rounds },
        (_, round) =>
          `{ ${parts.map(({ field, values }) => `${field.name}: ${values[round % values.length]}`).join(', ')} }`,
      );
    };
    if (type.isOneOf) return fields.filter(({ name }) => name in literals).flatMap((field) => fill([field]));
    const required = fields.filter(isRequiredInputField);
    const optional = fields.filter((field) => !isRequiredInputField(field) && field.name in literals);
    return optional.length === 0 ? fill(required) : optional.flatMap((field) => fill([...required, field]));
  }
  const usual: Record<string, string> = {
    Int: '1',
    Float: '1.0',
    Boolean: 'false',
    String: '"x"',
    DateTime: '"2020-01-01T00:00:00Z"',
  };
  const value = usual[type.name];
  return value === undefined ? [] : [value];
}
