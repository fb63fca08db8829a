import { expect, test } from 'vitest';
import { renderConfigurationPage, renderEnvironmentExample } from '../../../src/config/describe-settings.js';

// After a change to the schema: npx vitest run test/unit/config -u

test('docs/configuration.md is what the schema says', async () => {
  await expect(renderConfigurationPage()).toMatchFileSnapshot('../../../docs/configuration.md');
});

test('.env.example is what the schema says', async () => {
  await expect(renderEnvironmentExample()).toMatchFileSnapshot('../../../.env.example');
});
