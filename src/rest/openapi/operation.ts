import type { TSchema } from 'typebox';
import { Type } from 'typebox';
import { ref } from './schemas.js';

/** One answer of an operation. */
export interface ApiResponse {
  description: string;
  headers?: Record<string, { description: string; schema: object }>;
  content?: Record<string, { schema: object }>;
}

export interface ApiParameter {
  name: string;
  in: 'path' | 'query';
  required?: boolean;
  description: string;
  schema: object;
}

/** One method of an address, as OpenAPI 3.1 describes it. */
export interface ApiOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security?: Record<string, string[]>[];
  parameters?: ApiParameter[];
  requestBody?: { required: boolean; description?: string; content: Record<string, { schema: object }> };
  responses: Record<string, ApiResponse>;
}

export type ApiMethod = 'get' | 'post' | 'patch' | 'delete';
export type ApiPaths = Record<string, Partial<Record<ApiMethod, ApiOperation>>>;

/** An answer with a JSON body: one of the components, or one of several. */
export function json(description: string, ...names: string[]): ApiResponse {
  return { description, content: { 'application/json': { schema: oneOf(names.map((name) => ref(name))) } } };
}

/** An answer with a list of components. */
export function jsonList(description: string, name: string): ApiResponse {
  return { description, content: { 'application/json': { schema: Type.Array(ref(name)) } } };
}

export function jsonBody(name: string) {
  return { required: true, content: { 'application/json': { schema: ref(name) } } };
}

/** A file, as forms send one. */
export const binary = { schema: Type.Unsafe({ type: 'string', contentMediaType: 'application/octet-stream' }) };

export const fileBody = {
  required: true,
  content: { 'multipart/form-data': { schema: Type.Object({ file: binary.schema }) } },
};

export function pathPart(name: string, description: string, schema: TSchema = Type.String()): ApiParameter {
  return { name, in: 'path', required: true, description, schema };
}

export function query(name: string, description: string, schema: TSchema = Type.String()): ApiParameter {
  return { name, in: 'query', description, schema };
}

/** What any address may answer when something behind it is away, or when it is asked too often. */
export const away: Record<string, ApiResponse> = {
  502: json('The LMS, Discovery or the Registrar refused what Portico asked of it.', 'Detail', 'Problem'),
  503: json('Something behind Portico is away; `Retry-After` says when to try again.', 'Detail', 'Problem'),
};

/** Any of these schemes lets a caller in; the scope is needed where tokens have scopes. */
export function tokenWith(scope: string): Record<string, string[]>[] {
  return [{ oauth2: [scope] }, { jwt: [] }];
}

function oneOf(all: TSchema[]): TSchema {
  const [first, ...more] = all;
  return first && more.length === 0 ? first : Type.Union(all);
}
