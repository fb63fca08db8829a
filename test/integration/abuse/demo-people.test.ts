import { expect, test } from 'vitest';
import { refuseDemoPeople } from '../../../src/cli/demo/refuse-demo-people.js';
import { seedDemo } from '../../../src/cli/demo/seed-demo.js';
import { ConfigurationError } from '../../../src/config/config.js';
import { systemActor } from '../../../src/services/actor.js';
import { startGateway } from '../../support/start-gateway.js';

test('a site that others reach does not start with the people of the demo, unless their passwords are others', async () => {
  await using gateway = await startGateway({ sandbox: 'demo' });
  const { context } = gateway;
  await seedDemo(context, {
    lmsClientSecret: 'test-lms-client-secret-0123456789',
    partnerClientSecret: 'test-partner-client-secret-0123456789',
  });
  await refuseDemoPeople(context);
  const { config, orm, services } = context;
  const onHttps = { orm, config: { ...config, http: { ...config.http, publicUrl: 'https://portico.example.edu' } } };
  const refusal = refuseDemoPeople(onHttps);
  await expect(refusal).rejects.toBeInstanceOf(ConfigurationError);
  await expect(refusal).rejects.toThrow(/root/);
  for (const username of ['ada', 'grace', 'sam', 'root', 'dana']) {
    const account = await services.accounts.findByUsername(username);
    await services.accounts.setPassword(account?.id ?? '', `${username} has another password`, systemActor);
  }
  await refuseDemoPeople(onHttps);
});
