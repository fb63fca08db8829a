import type { Page } from 'playwright-core';

/** Gives the browser of a page a device for passkeys; one that does not check who is there is a plain security key. */
export async function plugIn(page: Page, { checksPerson = true } = {}): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: checksPerson ? 'internal' : 'usb',
      hasResidentKey: checksPerson,
      hasUserVerification: checksPerson,
      isUserVerified: checksPerson,
      automaticPresenceSimulation: true,
    },
  });
}

/** Chromium lets a device of this kind answer at once what the browser merely offers; without that, buttons have to be pressed. */
export async function offerNothing(page: Page): Promise<void> {
  await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
}
