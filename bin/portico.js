#!/usr/bin/env node
// Runs Portico on the Node.js that the project brings, whichever Node.js started this file.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import * as module from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const pinned = JSON.parse(readFileSync(path('../package.json'), 'utf8')).dependencies.node;
const ownNode = path(`../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`);
const main = path('../dist/src/cli/portico.js');
// How much room there is for what is young can only be said when the engine starts. A worker goes through many rows that are soon forgotten,
// and the engine, left to itself, gives little of that room back. Pages that wait for the LMS outlive a small room, and cost time to be moved
// out of it.
const youngMegabytes = { worker: 16, web: 64, start: 64 }[process.argv[2]];
const servesPages = ['web', 'start'].includes(process.argv[2]);
const nodeFlags = [
  ...(youngMegabytes === undefined ? [] : [`--max-semi-space-size=${youngMegabytes}`]),
  // The code of the engine in large pages of memory, where the system has them: 24 MB more, a tenth of the processor time less.
  ...(servesPages ? ['--use-largepages=silent'] : []),
  // Helpers of the engine that share the one processor with what they help only get in its way.
  ...(youngMegabytes !== undefined && availableParallelism() === 1 ? ['--no-parallel-scavenge'] : []),
];
const isFlagged = nodeFlags.every((flag) => process.execArgv.includes(flag)) || !process.execve;

if (!existsSync(main)) {
  console.error('Portico is not built yet. Run: npm run build');
  process.exitCode = 1;
} else if (process.versions.node === pinned && !isFlagged) {
  // In place: whoever supervises this process goes on to do so.
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...nodeFlags, ...process.argv.slice(1)]);
} else if (process.versions.node === pinned || !existsSync(ownNode)) {
  // What was compiled once is loaded from there the next time.
  module.enableCompileCache?.(path('../node_modules/.cache/portico'));
  await import(main);
} else {
  const child = spawn(ownNode, [...nodeFlags, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // A terminal sends Ctrl-C to both; the child decides when both are done.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0);
  });
}
