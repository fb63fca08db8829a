import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import { refusal } from '../../access/policy.js';
import type { Viewer } from '../../access/viewer.js';
import type { AppError } from '../../errors.js';
import type { FieldAccess } from './access.decorator.js';
import type { AccessContext } from './ownership.js';

type Field = GraphQLField<unknown, AccessContext>;
type Resolver = GraphQLFieldResolver<unknown, AccessContext>;
type Guard = (source: unknown, args: Record<string, unknown>, context: AccessContext) => AppError | undefined;

/**
 * Compiles every field's access declaration into its resolver and writes it into the schema as `@access`. Synchronous fields
 * stay synchronous, and open ones are left as they are: a page of thousands of fields pays only for what is guarded.
 *
 * @throws Error naming every field that has no declaration of its own or of its type
 */
export function guardFields(schema: GraphQLSchema): void {
  const undeclared: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const access = declarationOf(field.extensions) ?? declarationOf(type.extensions);
      if (access) guardField(field as Field, access);
      else undeclared.push(`${type.name}.${field.name}`);
    }
  }
  if (undeclared.length > 0) throw new Error(`these fields declare no access: ${undeclared.join(', ')}`);
}

function declarationOf(extensions: Readonly<Record<string, unknown>>): FieldAccess | undefined {
  return extensions.access as FieldAccess | undefined;
}

function guardField(field: Field, access: FieldAccess): void {
  field.extensions = { ...field.extensions, directives: { access: directiveArguments(access) } };
  const guard = compileGuard(access);
  if (!guard) return;
  field.resolve = guarded(guard, field.resolve ?? defaultFieldResolver);
  if (field.subscribe) field.subscribe = guarded(guard, field.subscribe);
}

function guarded(guard: Guard, resolve: Resolver): Resolver {
  return (source, args, context, info) => {
    const error = guard(source, args, context);
    if (error) throw error;
    return resolve(source, args, context, info);
  };
}

function directiveArguments({ scope, role, own, ownScope }: FieldAccess): Record<string, unknown> {
  return { ...(scope && { scope }), ...(role && { role }), ...(own && { own }), ...(ownScope && { ownScope }) };
}

/** The decision for one declaration. It depends on the viewer and on whose row it is only, so a grant is remembered. */
function compileGuard(access: FieldAccess): Guard | undefined {
  const { scope, role, own } = access;
  if (!scope && !role && !own) return undefined;
  const grantedOwn = new WeakSet<Viewer>();
  const grantedForeign = new WeakSet<Viewer>();
  return (source, args, context) => {
    // Watched, whoever looks at the viewer; not so here, where what is looked at is noted.
    const viewer = context.ownership?.viewer ?? context.viewer;
    const ownerId = own ? ownerFor(access, source, args, context) : undefined;
    const granted = ownerId !== undefined && ownerId === viewer.account?.id ? grantedOwn : grantedForeign;
    if (granted.has(viewer)) return undefined;
    const error = refusal(viewer, access, ownerId);
    if (!error) granted.add(viewer);
    return error;
  };
}

function ownerFor(
  { owner }: FieldAccess,
  source: unknown,
  args: Record<string, unknown>,
  { viewer, ownership }: AccessContext,
): string | undefined {
  const ownerId = owner === undefined ? ownerOf(source) : typeof owner === 'function' ? owner(args) : owner;
  // Everybody has some of their own: that makes no difference between those who may have the same.
  if (ownerId === 'viewer') return (ownership?.viewer ?? viewer).account?.id;
  if (ownerId !== undefined) ownership?.compared(ownerId);
  return ownerId;
}

function ownerOf(source: unknown): string | undefined {
  if (typeof source !== 'object' || source === null || !('ownerId' in source)) return undefined;
  return typeof source.ownerId === 'string' ? source.ownerId : undefined;
}
