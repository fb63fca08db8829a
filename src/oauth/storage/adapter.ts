import Provider, { type Adapter, type AdapterFactory } from 'oidc-provider';
import type { Clock } from '../../clock.js';
import type { ClientRegistry } from '../client/registry.js';
import { createDeviceCodeAdapter } from '../device/codes.js';
import { endWithSubject } from '../exchange/grants.js';
import type { ArtifactStore } from './artifact-store.js';
import { putOff, takeBack, useLater } from './issuance.js';
import type { RequestReads } from './request-reads.js';
import { createSessionAdapter } from './session-adapter.js';
import type { SessionStore } from './session-store.js';
import type { RunStatement } from './statements.js';

/** Gives each model of the provider its storage. */
export function createAdapterFactory({
  run,
  artifacts,
  sessions,
  clients,
  reads,
  clock,
}: {
  run: RunStatement;
  artifacts: ArtifactStore;
  sessions: SessionStore;
  clients: ClientRegistry;
  reads: RequestReads;
  clock: Clock;
}): AdapterFactory {
  return (model) => {
    if (model === 'Client') return clientAdapter(clients);
    if (model === 'Session') return createSessionAdapter(sessions, reads, clock);
    if (model === 'DeviceCode')
      return createDeviceCodeAdapter(run, artifacts, () => Provider.ctx?.oidc.route === 'device_resume');
    if (model === 'Grant') return endWithSubject(grantAdapter(artifacts, reads), artifacts);
    return artifactAdapter(model, artifacts, reads);
  };
}

function grantAdapter(store: ArtifactStore, reads: RequestReads): Adapter {
  const adapter = artifactAdapter('Grant', store, reads);
  return {
    ...adapter,
    upsert: (id, payload, expiresIn) => {
      reads.forgetGrants();
      return adapter.upsert(id, payload, expiresIn);
    },
    find: async (id) => reads.takeGrant(id) ?? adapter.find(id),
    destroy: (id) => {
      reads.forgetGrants();
      return adapter.destroy(id);
    },
  };
}

function artifactAdapter(model: string, store: ArtifactStore, reads: RequestReads): Adapter {
  return {
    upsert: async (id, payload, expiresIn) => {
      if (!putOff({ model, id, payload, expiresInSeconds: expiresIn }))
        await store.upsert(model, id, payload, expiresIn);
    },
    find: (id) => store.find(model, id, reads.keep),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    consume: async (id) => {
      if (!useLater(model, id)) await store.consume(model, id);
    },
    destroy: async (id) => {
      if (!takeBack(model, id)) await store.destroy(model, id);
    },
    revokeByGrantId: (grantId) => store.revokeByGrantId(model, grantId),
  };
}

/** Clients are managed by their service; the provider only reads them. */
function clientAdapter(clients: ClientRegistry): Adapter {
  const readOnly = () => Promise.reject(new Error('clients are not written by the provider'));
  return {
    upsert: readOnly,
    find: (id) => clients.metadataOf(id),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    consume: readOnly,
    destroy: readOnly,
    revokeByGrantId: readOnly,
  };
}
