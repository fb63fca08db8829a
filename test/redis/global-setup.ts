import { spawnSync } from 'node:child_process';

export { setup as default } from '../support/global-setup.js';

const { error } = spawnSync('redis-server', ['--version']);
if (error)
  throw new Error(
    'These tests start a redis-server of their own, and this machine has none on its PATH. Install one, e.g. apt-get install redis-server.',
  );
