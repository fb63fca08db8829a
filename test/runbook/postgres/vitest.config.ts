import { defineConfig } from 'vitest/config';
import everything from '../../../vitest.config.js';

/** Pages that need a PostgreSQL of the machine, with its programs: `npm test` needs none. */
export default defineConfig({
  ...everything,
  test: { ...everything.test, include: ['test/runbook/postgres/pages.ts'] },
});
