import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registrarRouteTable } from '../../../src/rest/registrar/registrar-routes.js';
import { type RouteWatch, watchRoutes } from '../../support/route-watch.js';
import { type Gateway, startGateway } from '../../support/start-gateway.js';

interface Document {
  openapi: string;
  paths: Record<string, Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>>;
  components: {
    schemas: Record<string, unknown>;
    securitySchemes: { oauth2: { flows: { clientCredentials: { tokenUrl: string } } } };
  };
}

let routes: RouteWatch;
let gateway: Gateway;
let document: Document;
beforeAll(async () => {
  routes = watchRoutes();
  gateway = await startGateway();
  document = (await (await fetch(`${gateway.url}/api/openapi.json`)).json()) as Document;
});
afterAll(async () => {
  routes[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const documented = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
const isRegistrar = (operation: string) => /^\w+ \/api\/(v[123]|internal)\//.test(operation);

test('the document is OpenAPI 3.1, by the schema of that standard', async () => {
  const result = await new Validator().validate(structuredClone(document) as never);
  expect(result).toMatchObject({ valid: true });
  expect(document.openapi).toBe('3.1.0');
});

test('names of operations are there once, and whatever is referred to is there', () => {
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map((each) => each.operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  const names = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
  expect([...new Set(names)].sort()).toEqual(Object.keys(document.components.schemas).sort());
});

test('parts of a path are those that are described', () => {
  for (const [path, methods] of Object.entries(document.paths))
    for (const { parameters = [] } of Object.values(methods))
      expect(parameters.filter((each) => each.in === 'path').map(({ name }) => name)).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      );
});

test('each route of the web server below /api is documented, and the other way round', () => {
  const known = [...routes.all]
    .filter((route) => / \/api\//.test(route) && !route.endsWith('*') && !route.startsWith('HEAD'))
    // The page for people, and what the ID mapping refuses with 405.
    .filter((route) => route !== 'GET /api/docs' && !/^(POST|PUT|PATCH|DELETE) .*third_party_auth/.test(route))
    .map((route) => route.replace(/\/$/, ''))
    .map((route) =>
      route.replace(
        /:(\w+)/g,
        (_, name: string) => `{${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}}`,
      ),
    );
  // That of the LMS’s discovery document is below a version, too.
  const own = documented().filter((operation) => !isRegistrar(operation));
  expect([...new Set(known)].sort()).toEqual(own.sort());
});

test('each address of the Registrar’s API is documented with its methods, in its versions, and the other way round', () => {
  const { services } = gateway.context;
  const table = registrarRouteTable({
    ...services,
    authenticate: () => Promise.reject(new Error('nobody asks')),
    permissions: services.programPermissions,
    files: services.operationFiles,
    reports: services.programReports,
    publicUrl: gateway.url,
  });
  const name = (version: string, pattern: RegExp) => `${version} ${pattern.source}`;
  const known = table.flatMap(({ versions, pattern, methods }) =>
    versions.flatMap((version) => Object.keys(methods).map((method) => `${method} ${name(version, pattern)}`)),
  );
  const found = documented()
    .filter(isRegistrar)
    .map((operation) => {
      const [, method, version = '', path = ''] = /^(\w+) \/api\/(v\d|internal)\/(.*)$/.exec(operation) ?? [];
      const sample = path.replace('{job_id}', '0190f0c5-0000-7000-8000-000000000000').replace(/\{\w+\}/g, 'a-key');
      const route = table.find(({ versions, pattern }) => versions.some((v) => v === version) && pattern.test(sample));
      return route ? `${method} ${name(version, route.pattern)}` : operation;
    });
  expect(found.sort()).toEqual(known.sort());
});

test('the token’s address is one that gives tokens', async () => {
  const { tokenUrl } = document.components.securitySchemes.oauth2.flows.clientCredentials;
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  expect(await answer.json()).toMatchObject({ error: expect.stringMatching(/^invalid_(client|request)$/) });
});

test('the page for people names each operation, and loads nothing from elsewhere and runs nothing', async () => {
  const answer = await fetch(`${gateway.url}/api/docs`, { headers: { accept: 'text/html' } });
  const page = await answer.text();
  expect(answer.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'self'; img-src 'self' data:; base/,
  );
  expect(page).not.toMatch(/<script|style="/);
  for (const methods of Object.values(document.paths))
    for (const { operationId } of Object.values(methods)) expect(page).toContain(`<article id="${operationId}"`);
});
