import { Writable } from 'node:stream';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createEvents } from '../../src/events.js';
import { createLogger } from '../../src/logger.js';

test('each event is one log line and one count', async () => {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const registry = new Registry();
  const events = createEvents({ logger: createLogger('debug', destination), registry });
  events.signedIn({ accountId: 'a', methods: ['pwd'] });
  events.signedOut({ accountId: 'a' });
  events.tokensIssued({ kind: 'code', clientId: 'c', accountId: 'a' });
  events.oauthRefused({ endpoint: 'token', error: 'invalid_grant', clientId: 'c' });
  events.refreshTokenReused({ clientId: 'c', accountId: 'a' });
  events.tokenRevoked({ clientId: 'c' });
  events.throttled({ what: 'client-authentication', address: '10.0.0.1', clientId: 'c' });
  events.signingKeysLoaded({ kids: ['k'] });
  expect(lines).toHaveLength(8);
  const text = await registry.metrics();
  for (const sample of [
    'portico_sign_ins_total{outcome="success"} 1',
    'portico_sign_outs_total 1',
    'portico_tokens_issued_total{kind="code"} 1',
    'portico_oauth_refusals_total{endpoint="token",error="invalid_grant"} 1',
    'portico_refresh_tokens_reused_total 1',
    'portico_tokens_revoked_total 1',
    'portico_throttled_total{what="client-authentication"} 1',
    'portico_signing_key_loads_total 1',
  ])
    expect(text).toContain(sample);
});
