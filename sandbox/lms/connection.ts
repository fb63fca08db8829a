import type { SandboxCredentials } from './lms.js';
import type { OAuthApplication } from './rows.js';
import type { LmsState } from './state.js';

/**
 * Brings the LMS's side of the connection up to date with the credentials and the URL that the sandbox was started
 * with: its applications, the worker's long-lived token, its client at Portico. Run at every start, so that an adopted
 * state never disagrees with the Portico in front of it.
 */
export function connect(state: LmsState, credentials: SandboxCredentials, porticoUrl: string): void {
  const { apiClient, worker, sso, retirement } = credentials;
  const application = (
    changes: Partial<OAuthApplication> & Pick<OAuthApplication, 'clientId' | 'grant' | 'owner'>,
  ): void => {
    state.applications.set(changes.clientId, {
      clientSecret: '',
      type: 'confidential',
      redirectUris: [],
      skipAuthorization: false,
      restricted: false,
      scopes: null,
      filters: [],
      ...changes,
    });
  };
  state.atomically(() => {
    state.provider = { ...state.provider, clientId: sso.clientId, clientSecret: sso.clientSecret };
    application({
      clientId: apiClient.clientId,
      clientSecret: apiClient.clientSecret,
      grant: 'authorization-code',
      owner: 'edx',
      redirectUris: [`${porticoUrl}/login/_private/complete`, `${porticoUrl}/_/auth/complete`],
      skipAuthorization: true,
    });
    application({
      clientId: worker.clientId,
      clientSecret: worker.clientSecret,
      grant: 'client-credentials',
      owner: worker.username,
      scopes: ['user_id'],
    });
    if (retirement)
      application({
        ...retirement,
        grant: 'client-credentials',
        owner: state.site.retirementWorker,
        scopes: ['user_id'],
      });
    application({
      clientId: 'login-service-client-id',
      type: 'public',
      grant: 'password',
      owner: 'login_service_user',
    });
    if (worker.staticToken !== undefined) {
      const issuedAt = '2026-01-02T08:00:00.000Z';
      state.accessTokens.set(worker.staticToken, {
        token: worker.staticToken,
        clientId: worker.clientId,
        username: worker.username,
        scopes: ['read', 'write', 'email', 'profile'],
        issuedAt,
        expiresAt: '2099-01-01T00:00:00.000Z',
      });
    }
  });
}
