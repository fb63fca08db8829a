/**
 * Writes the playground to `dist/playground`: GraphiQL as static files that need no other host, with the operations of
 * `src/http/playground` as tabs. Runs with every build.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import * as graphiql from '@graphql-yoga/render-graphiql/graphiql';

const root = join(import.meta.dirname, '..');
const target = join(root, 'dist', 'playground');
const operations = join(root, 'src', 'http', 'playground');
const path = '/playground/assets/';
/**
 * GraphiQL leaves a tab that was never focused with an offset from its first layout, and hides that until the tab is focused:
 * it jumps away under the pointer, and the first click on it is lost.
 */
const styleFixes = '.graphiql-tab{transform:none!important}';
/** The editor takes the whole page; the heading is for those who hear it read. */
const pageStyle = '.page-title{position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%)}';

await rm(target, { recursive: true, force: true });
await mkdir(join(target, 'assets'), { recursive: true });
const [script, style, icon, editorWorkerService, json, graphql] = await Promise.all([
  writeAsset('graphiql.js', graphiql.js),
  writeAsset('graphiql.css', graphiql.css + styleFixes + pageStyle),
  writeAsset('favicon.ico', Buffer.from(graphiql.favicon.split(',')[1] ?? '', 'base64')),
  writeAsset('editor-worker.js', graphiql.editorWorkerService),
  writeAsset('json-worker.js', graphiql.jsonWorker),
  writeAsset('graphql-worker.js', graphiql.graphqlWorker),
]);
const options = {
  title: 'Portico',
  endpoint: '/graphql',
  credentials: 'same-origin',
  subscriptionsProtocol: 'WS',
  // Shows the server that no form of another site sent the request.
  additionalHeaders: { 'apollo-require-preflight': 'true' },
  shouldPersistHeaders: false,
  defaultTabs: await readTabs(),
};
const start = await writeAsset(
  'start.js',
  `const workers = ${JSON.stringify({ editorWorkerService, json, graphql })};
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_module, label) => workers[label] };
YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), ${JSON.stringify(options)});
`,
);
await writeFile(
  join(target, 'index.html'),
  `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Playground – Portico</title>
    <link rel="icon" href="${icon}">
    <link rel="stylesheet" href="${style}">
  </head>
  <body>
    <noscript>The playground needs JavaScript. The graph itself is at /graphql.</noscript>
    <main>
      <h1 class="page-title">Playground</h1>
      <div id="root"></div>
    </main>
    <script src="${script}"></script>
    <script src="${start}"></script>
  </body>
</html>
`,
);

/** Under a name that changes with the content, so that browsers may keep it for ever; plain and compressed. */
async function writeAsset(name: string, content: string | Buffer): Promise<string> {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const fileName = name.replace('.', `-${hash}.`);
  await writeFile(join(target, 'assets', fileName), content);
  await writeFile(join(target, 'assets', `${fileName}.gz`), await promisify(gzip)(content, { level: 6 }));
  return path + fileName;
}

async function readTabs(): Promise<{ query: string; variables?: string }[]> {
  const names = (await readdir(operations)).sort();
  return Promise.all(
    names
      .filter((name) => name.endsWith('.graphql'))
      .map(async (name) => {
        const variables = `${basename(name, '.graphql')}.variables.json`;
        return {
          query: await readFile(join(operations, name), 'utf8'),
          ...(names.includes(variables) && { variables: await readFile(join(operations, variables), 'utf8') }),
        };
      }),
  );
}
