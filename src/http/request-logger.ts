import type { FastifyBaseLogger } from 'fastify';

type Child = FastifyBaseLogger['child'];

/** The log of one request, made when something is written to it: most requests write nothing, and a child is dear to make. */
export class RequestLogger implements FastifyBaseLogger {
  readonly #parent: FastifyBaseLogger;
  readonly #bindings: Parameters<Child>[0];
  readonly #options: Parameters<Child>[1];
  #made: FastifyBaseLogger | undefined;

  constructor(parent: FastifyBaseLogger, bindings: Parameters<Child>[0], options?: Parameters<Child>[1]) {
    this.#parent = parent;
    this.#bindings = bindings;
    this.#options = options;
  }

  get #logger(): FastifyBaseLogger {
    this.#made ??= this.#parent.child(this.#bindings, this.#options);
    return this.#made;
  }

  get level(): string {
    return this.#made?.level ?? this.#parent.level;
  }

  set level(level: string) {
    this.#logger.level = level;
  }

  child(...settings: Parameters<Child>): FastifyBaseLogger {
    return this.#logger.child(...settings);
  }

  fatal(...values: unknown[]): void {
    Reflect.apply(this.#logger.fatal, this.#logger, values);
  }

  error(...values: unknown[]): void {
    Reflect.apply(this.#logger.error, this.#logger, values);
  }

  warn(...values: unknown[]): void {
    Reflect.apply(this.#logger.warn, this.#logger, values);
  }

  info(...values: unknown[]): void {
    Reflect.apply(this.#logger.info, this.#logger, values);
  }

  debug(...values: unknown[]): void {
    Reflect.apply(this.#logger.debug, this.#logger, values);
  }

  trace(...values: unknown[]): void {
    Reflect.apply(this.#logger.trace, this.#logger, values);
  }

  silent(...values: unknown[]): void {
    Reflect.apply(this.#logger.silent, this.#logger, values);
  }
}
