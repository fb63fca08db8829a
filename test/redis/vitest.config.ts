import { configDefaults, defineConfig } from 'vitest/config';
import everything from '../../vitest.config.js';

/** What needs a real Redis, for machines that have a redis-server: `npm test` needs none. */
export default defineConfig({
  ...everything,
  test: {
    ...everything.test,
    include: ['test/redis/**/*.test.ts'],
    exclude: configDefaults.exclude,
    globalSetup: ['test/redis/global-setup.ts'],
  },
});
