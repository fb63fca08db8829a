import { createHash } from 'node:crypto';
import { Announcer } from './bus/announcer.js';
import { type EventBus, type EventBusOptions, openEventBus } from './bus/event-bus.js';
import { controlPlane } from './control/control.js';
import { AttemptWindows } from './lms/auth/attempts.js';
import { SigningKeys } from './lms/auth/jwt.js';
import { SharedThrottle } from './lms/auth/shared-throttle.js';
import { connect } from './lms/connection.js';
import { addDemo, fillWithServices } from './lms/demo.js';
import { listen, type RequestHandler } from './lms/http/listener.js';
import { serveLms } from './lms/http/serve.js';
import type { Lms, SandboxCredentials } from './lms/lms.js';
import { LmsState } from './lms/state.js';
import { lmsViews } from './lms/views.js';
import { catchMail } from './mail/smtp.js';

/** The LMS's clock is this far ahead when it is `misconfigured` with `clock-skew`. */
const CLOCK_SKEW_MS = 2 * 3600 * 1000;

export interface SandboxOptions extends SandboxCredentials {
  /** Folder of the journal; without it the state lives in memory only. */
  readonly dir?: string;
  /** Port of the LMS and the levers; 0 takes a free one. */
  readonly lmsPort: number;
  /** Port of the mail catcher; 0 takes a free one. */
  readonly smtpPort: number;
  /** Where Portico is; may be changed later by {@link RunningSandbox.setPorticoUrl}. */
  readonly porticoUrl: string;
  /** Whether an empty state is filled with the demo people and courses. Default: yes. */
  readonly demo?: boolean;
  /** Where the LMS tells of what happens; without it nowhere. */
  readonly eventBus?: EventBusOptions;
  /** What `/_sandbox/health` says about the configuration. Default: a hash of the credentials and Portico's URL. */
  readonly configuration?: string;
}

export interface RunningSandbox extends AsyncDisposable {
  readonly lmsUrl: string;
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
 * Starts the sandbox LMS and the mail catcher on loopback.
 *
 * @throws when a port is taken, or the journal's folder cannot be written
 */
export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const ready = Promise.withResolvers<RequestHandler>();
  // The port comes before the journal: whoever holds the port may write the journal, nobody else.
  const listener = await listen(options.lmsPort, async (...exchange) => (await ready.promise)(...exchange));
  const state = new LmsState(options.dir);
  let bus: EventBus | undefined;
  try {
    bus = options.eventBus && (await openEventBus(options.eventBus));
    const lms = await openLms(options, state, `http://localhost:${listener.port}`, bus);
    const mail = await catchMail(state, options.smtpPort);
    ready.resolve(lms.handler);
    const close = async (): Promise<void> => {
      await Promise.all([listener.close(), mail.close(), bus?.close()]);
      state.close();
    };
    return {
      lmsUrl: `http://localhost:${listener.port}`,
      smtpUrl: `smtp://localhost:${mail.port}`,
      busUrl: bus?.url,
      state,
      routes: lms.routes,
      setPorticoUrl: lms.setPorticoUrl,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await Promise.all([listener.close(), bus?.close()]);
    state.close();
    throw error;
  }
}

interface OpenLms {
  readonly handler: RequestHandler;
  readonly routes: readonly RegExp[];
  readonly setPorticoUrl: (url: string) => void;
}

/** Reads the journal, or fills in the demo, and connects the LMS with Portico. */
async function openLms(
  options: SandboxOptions,
  state: LmsState,
  lmsUrl: string,
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
    keys: await SigningKeys.open(state),
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
  };
  const configuration = options.configuration ?? hashOf([credentials, options.porticoUrl]);
  const views = lmsViews(lms);
  return {
    handler: serveLms(lms, views, controlPlane(lms, { refill, configuration })),
    routes: views.map(({ pattern }) => pattern),
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
