import { Secret, TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { PasskeyEntity } from '../../../src/entities/passkey.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { aNewAccount, startAccountServices, testPublicUrl } from '../../support/account-services.js';
import { startMailCatcher } from '../../support/mail-catcher.js';
import { deliverQueuedMail } from '../../support/queued-mail.js';
import { registerPasskey } from '../../support/registered-passkey.js';

const password = 'tea-at-half-past-six';
const address = '192.0.2.1';

test('the owner hears of every change of what signs them in, and of a passkey that may have a copy', async () => {
  await using catcher = await startMailCatcher();
  const clock = { now: new Date() };
  await using services = await startAccountServices({ clock: () => clock.now, env: { SMTP_URL: catcher.url } });
  const { passkeys, secondFactors, orm } = services;
  const alice = await services.accounts.create(aNewAccount({ password }), systemActor);
  const mails = async () => {
    const caught = await deliverQueuedMail(services, catcher);
    for (const { to, text } of caught) {
      expect(JSON.stringify(to)).toContain('alice@example.org');
      expect(text).toContain(`${testPublicUrl}/account`);
    }
    return caught.map(({ subject, text }) => `${subject}\n${text}`);
  };
  const aProof = (code: string) => ({ password, code, passkey: '', browser: 'a browser', address });

  const { passkey, recoveryCodes } = await registerPasskey(passkeys, alice, {
    origin: testPublicUrl,
    password,
    name: 'Alice’s phone',
  });
  expect(await mails()).toEqual([expect.stringMatching(/^A passkey was added[\s\S]*“Alice’s phone”/)]);

  await secondFactors.begin(alice.id, aProof(recoveryCodes[0] ?? ''));
  const setUp = await secondFactors.pending(alice, 'a browser');
  const totp = new TOTP({ secret: Secret.fromBase32(setUp?.secret ?? '') });
  const nextCode = () => {
    clock.now = new Date(clock.now.getTime() + 30_000);
    return totp.generate({ timestamp: clock.now.getTime() });
  };
  // Not the first second factor: the recovery codes stay.
  expect(await secondFactors.confirm(alice, nextCode(), { address, browser: 'a browser' })).toBeUndefined();
  expect(await mails()).toEqual([expect.stringMatching(/^An app was added/)]);

  await secondFactors.renewRecoveryCodes(alice, aProof(nextCode()));
  expect(await mails()).toEqual([expect.stringMatching(/^New recovery codes/)]);

  const use = { purpose: 'sign-in', accountId: null, browser: 'a browser' } as const;
  const signIn = async () => passkeys.authenticate(passkey.use(await passkeys.ask(use)), use.browser, address);
  expect(await signIn()).toMatchObject({ outcome: 'success' });
  expect(await mails()).toEqual([]);
  passkey.counter = 0;
  expect(await signIn()).toMatchObject({ outcome: 'suspended-passkey' });
  expect(await mails()).toEqual([expect.stringMatching(/^A passkey was stopped[\s\S]*“Alice’s phone”/)]);
  passkey.counter = 0;
  expect(await signIn()).toMatchObject({ outcome: 'suspended-passkey' });
  expect(await mails()).toEqual([]);

  const { id } = await orm.em.fork().findOneOrFail(PasskeyEntity, { accountId: alice.id });
  await passkeys.remove(alice, id, aProof(nextCode()));
  expect(await mails()).toEqual([expect.stringMatching(/^A passkey was removed/)]);
  expect(await secondFactors.isOn(alice.id)).toBe(true);
  await secondFactors.removeApp(alice, aProof(nextCode()));
  expect(await mails()).toEqual([expect.stringMatching(/^An app was removed/)]);
  expect(await secondFactors.isOn(alice.id)).toBe(false);
  expect(await secondFactors.codesLeftOf([alice.id])).toEqual([]);
});
