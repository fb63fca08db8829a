import { defineConfig } from 'vitest/config';
import everything from '../../vitest.config.js';

/** `npm run pictures`: takes the pictures of the README anew, from the running product. */
export default defineConfig({ ...everything, test: { ...everything.test, include: ['test/e2e/take-pictures.ts'] } });
