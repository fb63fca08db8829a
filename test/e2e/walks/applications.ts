import { systemActor } from '../../../src/services/actor.js';
import { type Inspection, passwordOf } from './inspection.js';

/** What applications bring people to: sign-in, consent, a device, the end of it. */
export async function walkThroughApplications({ site, application, newVisitor }: Inspection): Promise<void> {
  const { page, check, visit, press, fill, signIn } = await newVisitor();
  const { client } = await site.gateway.context.services.oauthClients.create(
    {
      name: application,
      type: 'PUBLIC',
      grantTypes: ['AUTHORIZATION_CODE', 'DEVICE_CODE'],
      redirectUris: [`${site.url}/no/such/page`],
      scopes: ['openid', 'profile', 'email', 'user:read', 'learning:read'],
    },
    systemActor,
  );
  const { clientId } = client;
  const scope = 'openid profile email user:read learning:read';
  await visit('/oauth2/authorize?client_id=nobody&response_type=code');
  const request = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: `${site.url}/no/such/page`,
    scope,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  };
  await visit(`/oauth2/authorize?${new URLSearchParams(request)}`);
  await signIn('sam');
  await page.waitForURL(/\/consent\//);
  await check('consent');
  await visit('/consent/none');

  const askForDevice = async () => {
    const answer = await fetch(`${site.url}/oauth2/device-authorization`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId, scope }),
    });
    return (await answer.json()) as { user_code: string; verification_uri_complete: string };
  };
  await visit('/oauth2/device');
  await fill({ Code: 'BBBB-BBBB' });
  await press('Continue');
  await check('a refused code of a device');
  await visit((await askForDevice()).verification_uri_complete);
  await press('Continue');
  await check('is it your device');
  await press('Stop');
  await check('a stopped device');
  await page.goto((await askForDevice()).verification_uri_complete);
  await press('Continue');
  await press('Continue');
  await page.waitForURL(/\/consent\//);
  await check('consent for a device');
  await press('Allow');
  await page.getByRole('heading', { name: 'The device is connected' }).waitFor();
  await check('a connected device');
  await visit('/account');

  await visit('/oauth2/logout');
  await press('Sign out');
  await page.waitForURL(/\/oauth2\/logout\/success/);
  await check('signed out');
  await visit('/logout?no_redirect=1');
  await page.goto(`${site.lmsUrl}/auth/login/ol-oauth2/?auth_entry=login`);
  await check('a sign-in for the LMS');
  await signIn('sam', passwordOf('nobody'));
  await page.getByRole('alert').waitFor();
  await check('a refused sign-in for the LMS');
}
