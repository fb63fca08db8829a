import { createHash } from 'node:crypto';
import { Announcer } from './bus/announcer.js';
import { type EventBus, type EventBusOptions, openEventBus } from './bus/event-bus.js';
import { controlPlane } from './control/control.js';
import { DISCOVERY_HABITS, discoveryViews } from './discovery/discovery.js';
import { identityProvider } from './identity-provider/identity-provider.js';
import { AttemptWindows } from './lms/auth/attempts.js';
import { SigningKeys, type StoredKeys } from './lms/auth/jwt.js';
import { SharedThrottle } from './lms/auth/shared-throttle.js';
import { connect } from './lms/connection.js';
import { addDemo, fillWithServices } from './lms/demo.js';
import { errorPage } from './lms/http/error-page.js';
import { listen, type RequestHandler } from './lms/http/listener.js';
import { serveSite } from './lms/http/serve.js';
import type { Site } from './lms/http/site.js';
import type { View } from './lms/http/view.js';
import type { Lms, SandboxCredentials } from './lms/lms.js';
import { LmsState } from './lms/state.js';
import { lmsViews } from './lms/views.js';
import { catchMail } from './mail/smtp.js';
import { REGISTRAR_HABITS } from './registrar/habits.js';
import { Jobs } from './registrar/jobs.js';
import { registrarViews } from './registrar/registrar.js';

/** The LMS's clock is this far ahead when it is `misconfigured` with `clock-skew`. */
const CLOCK_SKEW_MS = 2 * 3600 * 1000;

export interface SandboxOptions extends SandboxCredentials {
  /** Folder of the journal; without it the state lives in memory only. */
  readonly dir?: string;
  /** Port of the LMS and the levers; 0 takes a free one. */
  readonly lmsPort: number;
  /** Port of Discovery; 0 takes a free one. Default: 0. */
  readonly discoveryPort?: number;
  /** Port of the Registrar; 0 takes a free one. Default: 0. */
  readonly registrarPort?: number;
  /** Port of the identity provider of `DemoU`; 0 takes a free one. Default: 0. */
  readonly identityPort?: number;
  /** Portico's client there. */
  readonly identityClient?: { readonly clientId: string; readonly clientSecret: string };
  /** Port of the mail catcher; 0 takes a free one. */
  readonly smtpPort: number;
  /** Where Portico is; may be changed later by {@link RunningSandbox.setPorticoUrl}. */
  readonly porticoUrl: string;
  /** What the LMS of an empty state signs its JWTs with. Default: keys of its own. */
  readonly signingKeys?: StoredKeys;
  /** Whether an empty state is filled with the demo people and courses. Default: yes. */
  readonly demo?: boolean;
  /** Where the LMS tells of what happens; without it nowhere. */
  readonly eventBus?: EventBusOptions;
  /** What `/_sandbox/health` says about the configuration. Default: a hash of the credentials and Portico's URL. */
  readonly configuration?: string;
}

export interface RunningSandbox extends AsyncDisposable {
  readonly lmsUrl: string;
  readonly discoveryUrl: string;
  readonly registrarUrl: string;
  readonly identityUrl: string;
  readonly smtpUrl: string;
  /** Where Portico reads the LMS's events. */
  readonly busUrl: string | undefined;
  readonly state: LmsState;
  /** The paths that the LMS answers, in the order in which they are tried. */
  readonly routes: readonly RegExp[];
  /** For tests that start Portico after the sandbox: also renews the redirect URIs that the LMS has of it. */
  setPorticoUrl(url: string): void;
  close(): Promise<void>;
}

/**
 * Starts the sandbox LMS, Discovery, the Registrar and the mail catcher on loopback.
 *
 * @throws when a port is taken, or the journal's folder cannot be written
 */
export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const ready = Promise.withResolvers<Handlers>();
  await using opening = new AsyncDisposableStack();
  const state = new LmsState(options.dir);
  opening.defer(() => state.close());
  // The ports come before the journal is opened: whoever holds them may write it, nobody else.
  const listenAs = async (name: keyof Handlers, port: number): Promise<string> => {
    const listener = await listen(port, async (...exchange) => (await ready.promise)[name](...exchange));
    opening.defer(() => listener.close());
    return `http://localhost:${listener.port}`;
  };
  const lmsUrl = await listenAs('lms', options.lmsPort);
  const discoveryUrl = await listenAs('discovery', options.discoveryPort ?? 0);
  const registrarUrl = await listenAs('registrar', options.registrarPort ?? 0);
  const identityUrl = await listenAs('identity', options.identityPort ?? 0);
  const bus = options.eventBus && (await openEventBus(options.eventBus));
  if (bus) opening.defer(() => bus.close());
  const jobs = new Jobs();
  opening.defer(() => jobs.close());
  const lms = await openLms(options, state, { lmsUrl, discoveryUrl, registrarUrl }, jobs, bus);
  const mail = await catchMail(state, options.smtpPort);
  opening.defer(() => mail.close());
  const identity = identityProvider({
    url: () => identityUrl,
    porticoUrl: lms.porticoUrl,
    client: options.identityClient ?? { clientId: 'portico', clientSecret: 'sandbox-identity-secret' },
  });
  ready.resolve({ ...lms.handlers, identity });
  const running = opening.move();
  const close = (): Promise<void> => running.disposeAsync();
  return {
    lmsUrl,
    discoveryUrl,
    registrarUrl,
    identityUrl,
    smtpUrl: `smtp://localhost:${mail.port}`,
    busUrl: bus?.url,
    state,
    routes: lms.routes,
    setPorticoUrl: lms.setPorticoUrl,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What answers the requests of each server. */
interface Handlers {
  readonly lms: RequestHandler;
  readonly discovery: RequestHandler;
  readonly registrar: RequestHandler;
  readonly identity: RequestHandler;
}

interface Urls {
  readonly lmsUrl: string;
  readonly discoveryUrl: string;
  readonly registrarUrl: string;
}

interface OpenLms {
  readonly handlers: Omit<Handlers, 'identity'>;
  readonly porticoUrl: () => string;
  readonly routes: readonly RegExp[];
  readonly setPorticoUrl: (url: string) => void;
}

/** Reads the journal, or fills in the demo, and connects the LMS with Portico. */
async function openLms(
  options: SandboxOptions,
  state: LmsState,
  { lmsUrl, discoveryUrl, registrarUrl }: Urls,
  jobs: Jobs,
  bus: EventBus | undefined,
): Promise<OpenLms> {
  const { sso, apiClient, worker, retirement } = options;
  const credentials: SandboxCredentials = { sso, apiClient, worker, ...(retirement && { retirement }) };
  let porticoUrl = withoutSlash(options.porticoUrl);
  const fill = (): void => {
    fillWithServices(state, credentials);
    if (options.demo !== false) addDemo(state);
  };
  if (!state.open()) state.atomically(fill);
  state.forgetExpired(new Date());
  connect(state, credentials, porticoUrl);
  const now = (): Date =>
    new Date(Date.now() + (state.settings.misconfigured.includes('clock-skew') ? CLOCK_SKEW_MS : 0));
  const lms: Lms = {
    state,
    announcer: new Announcer(state, bus, now),
    credentials,
    keys: await SigningKeys.open(state, options.signingKeys),
    throttle: new SharedThrottle(() => state.settings),
    attempts: new AttemptWindows(),
    rootUrl: () => lmsUrl,
    porticoUrl: () => porticoUrl,
    now,
  };
  const refill = (): void => {
    state.atomically(() => {
      state.reset();
      fill();
    });
    connect(state, credentials, porticoUrl);
    lms.throttle.reset();
    lms.attempts.reset();
    jobs.clear();
  };
  const configuration = options.configuration ?? hashOf([credentials, options.porticoUrl]);
  const views = lmsViews(lms);
  const serve = (site: Site, its: readonly View[]): RequestHandler =>
    serveSite(lms, site, its, controlPlane(lms, site, { refill, configuration }));
  return {
    handlers: {
      lms: serve(
        {
          name: 'LMS',
          rootUrl: () => lmsUrl,
          faults: state.faults,
          requests: state.requests,
          habits: { appendsSlash: true, setsCookies: true, errorPage },
        },
        views,
      ),
      discovery: serve(
        {
          name: 'Discovery',
          rootUrl: () => discoveryUrl,
          faults: state.discoveryFaults,
          requests: state.discoveryRequests,
          habits: DISCOVERY_HABITS,
        },
        discoveryViews(lms),
      ),
      registrar: serve(
        {
          name: 'Registrar',
          rootUrl: () => registrarUrl,
          faults: state.registrarFaults,
          requests: state.registrarRequests,
          habits: REGISTRAR_HABITS,
        },
        registrarViews(lms, registrarUrl, jobs),
      ),
    },
    routes: views.map(({ pattern }) => pattern),
    porticoUrl: () => porticoUrl,
    setPorticoUrl(url) {
      porticoUrl = withoutSlash(url);
      connect(state, credentials, porticoUrl);
    },
  };
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
