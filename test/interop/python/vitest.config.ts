import { defineConfig } from 'vitest/config';
import everything from '../../../vitest.config.js';

/** Clients in Python, for machines that have it: `npm test` needs none. */
export default defineConfig({
  ...everything,
  test: { ...everything.test, include: ['test/interop/python/clients.ts', 'test/interop/python/rest-api.ts'] },
});
