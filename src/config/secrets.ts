export interface ClientCredentials {
  clientId: string;
  clientSecret: string;
}

/** A service worker beside the first: an LMS user with its own OAuth client there. */
export interface MoreWorker extends ClientCredentials {
  username: string;
}

interface SecretValues {
  /** Newest first; the first signs and encrypts, all verify and decrypt. */
  keys: readonly string[];
  smtpUrl: string | undefined;
  redisUrl: string | undefined;
  eventBusRedisUrl: string | undefined;
  lmsApiClient: ClientCredentials | undefined;
  lmsWorkerClient: ClientCredentials | undefined;
  lmsWorkerToken: string | undefined;
  lmsMoreWorkers: readonly MoreWorker[];
  lmsRetirementClient: ClientCredentials | undefined;
  lmsRegistrationToken: string | undefined;
  /** Of its JWTs that no published key proves. */
  lmsJwtSecret: string | undefined;
}

/** Secrets of the process. Kept apart from the settings, and mute: logging or serializing one prints nothing of it. */
export class Secrets {
  readonly #values: SecretValues;
  constructor(values: SecretValues) {
    this.#values = values;
  }
  get keys() {
    return this.#values.keys;
  }
  get smtpUrl() {
    return this.#values.smtpUrl;
  }
  /** What all processes share. */
  get redisUrl() {
    return this.#values.redisUrl;
  }
  get eventBusRedisUrl() {
    return this.#values.eventBusRedisUrl;
  }
  get lmsApiClient() {
    return this.#values.lmsApiClient;
  }
  get lmsWorkerClient() {
    return this.#values.lmsWorkerClient;
  }
  /** Share the calls that the LMS counts with the service worker. */
  get lmsMoreWorkers() {
    return this.#values.lmsMoreWorkers;
  }
  get lmsWorkerToken() {
    return this.#values.lmsWorkerToken;
  }
  get lmsRetirementClient() {
    return this.#values.lmsRetirementClient;
  }
  get lmsRegistrationToken() {
    return this.#values.lmsRegistrationToken;
  }
  get lmsJwtSecret() {
    return this.#values.lmsJwtSecret;
  }
  toJSON(): string {
    return '[secrets]';
  }
}
