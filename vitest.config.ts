import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';

export default defineConfig({
  // graphql 16 has no `exports` map: without this alias Vite loads a second copy (`.mjs`) beside the one Apollo and TypeGraphQL use.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    // Needs a redis-server: npm run test:redis.
    exclude: [...configDefaults.exclude, 'test/redis/**'],
    setupFiles: ['reflect-metadata'],
    globalSetup: ['test/support/global-setup.ts'],
    // Files share nothing but modules, and loading those anew for each file would take longer than the tests.
    isolate: false,
    // Tests wait for databases, browsers and child processes more than they compute.
    maxWorkers: Math.max(3, availableParallelism()),
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
