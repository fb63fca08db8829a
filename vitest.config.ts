import { defineConfig } from 'vitest/config';

export default defineConfig({
  // graphql 16 has no `exports` map: without this alias Vite loads a second copy (`.mjs`) beside the one Apollo and TypeGraphQL use.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['reflect-metadata'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
