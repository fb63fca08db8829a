import type { ExecutionArgs } from 'graphql';
import type { Viewer } from '../../access/viewer.js';
import { DatabaseUnavailableError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { accessDigest } from '../access/ownership.js';
import type { AnswerEvent } from './answer-event.js';
import type { FollowedChanges } from './change-topics.js';
import type { FollowableChange } from './followable-change.js';
import type { Subscriber } from './subscriber.js';

/** How long a viewer is believed before an event asks again; longer when changes tell of all that could make it untrue. */
const viewerMaxAgeMs = 30_000;
const toldViewerMaxAgeMs = 300_000;
/** Asked at the same time, so that a group of many does not fill the line of all others at the database. */
const askedAtOnce = 4;
const outagePauseMs = 500;

/** Finds the group of a subscriber whose rights have changed, and the answer to the event that is due. */
export type Regroup = (moved: {
  args: ExecutionArgs;
  viewer: Viewer;
  subscriber: Subscriber;
  event: FollowableChange;
}) => Promise<void>;

export interface SubscriptionGroupOptions {
  /** Of whoever came first; equal for all, but for the context. */
  args: ExecutionArgs;
  source: FollowedChanges;
  /** Of the access of each member. */
  digest: string;
  answerEvent: AnswerEvent;
  regroup: Regroup;
  logger: Logger;
}

/** Equal subscriptions of viewers with equal rights: one listens for all, one is answered for all who may have the same. */
export class SubscriptionGroup {
  readonly #members = new Map<Subscriber, Viewer>();
  readonly #options: SubscriptionGroupOptions;
  #turn: Promise<void> = Promise.resolve();
  #isEnded = false;

  constructor(options: SubscriptionGroupOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Nothing more comes of it; whoever is late needs another. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  add(subscriber: Subscriber, viewer: Viewer): void {
    this.#members.set(subscriber, viewer);
  }

  remove(subscriber: Subscriber): void {
    this.#members.delete(subscriber);
    if (this.#members.size === 0) this.end();
  }

  /** Ends it for all its members, whether something is to come or not. */
  end(): void {
    this.#isEnded = true;
    void this.#options.source.return();
  }

  /** Asks these members again who they are before they are told anything more. */
  doubt(isDoubtful: (viewer: Viewer) => boolean): void {
    for (const [{ caller }, viewer] of this.#members) if (isDoubtful(viewer)) caller.doubt();
  }

  /** Answers what comes, until the source ends or nobody is left. */
  async run(): Promise<void> {
    for await (const event of this.#options.source) await this.tell(event, undefined);
    for (const subscriber of this.#members.keys()) subscriber.complete();
    this.#members.clear();
  }

  /**
   * Answers one event, after those before it. While the database is away it waits: what is told then is what is so then.
   *
   * @param only - to these members; to all, when undefined
   */
  tell(event: FollowableChange, only: readonly Subscriber[] | undefined): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      while (!this.#isEnded) {
        try {
          await this.#deliver(event, await this.#admitted(event, only ?? [...this.#members.keys()]));
          return;
        } catch (error) {
          if (!(error instanceof DatabaseUnavailableError)) return this.#fail(error, only);
          await new Promise((resolve) => setTimeout(resolve, outagePauseMs).unref());
        }
      }
    });
    return this.#turn;
  }

  /** @returns those that are still who they were; others are sent elsewhere, or away */
  async #admitted(event: FollowableChange, asked: readonly Subscriber[]): Promise<Subscriber[]> {
    const doubtful = asked.filter((subscriber) => !subscriber.caller.recentViewer(this.#maxAgeOf(subscriber)));
    for (let at = 0; at < doubtful.length; at += askedAtOnce)
      await Promise.all(doubtful.slice(at, at + askedAtOnce).map((subscriber) => this.#askAgain(event, subscriber)));
    return asked.filter((subscriber) => this.#members.has(subscriber));
  }

  #maxAgeOf(subscriber: Subscriber): number {
    return this.#members.get(subscriber)?.restsOn ? toldViewerMaxAgeMs : viewerMaxAgeMs;
  }

  async #askAgain(event: FollowableChange, subscriber: Subscriber): Promise<void> {
    try {
      const viewer = await subscriber.caller.viewer(this.#maxAgeOf(subscriber));
      if (!this.#members.has(subscriber)) return;
      if (accessDigest(viewer) === this.#options.digest) {
        this.#members.set(subscriber, viewer);
        return;
      }
      this.remove(subscriber);
      await this.#options.regroup({ args: this.#options.args, viewer, subscriber, event });
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) throw error;
      this.remove(subscriber);
      subscriber.fail(error);
    }
  }

  /** Answers for one, gives it to all who may have the same, and begins again with whoever is left. */
  async #deliver(event: FollowableChange, members: readonly Subscriber[]): Promise<void> {
    const { args, answerEvent } = this.#options;
    let left = members;
    while (left.length > 0) {
      const [first] = left;
      const viewer = first && this.#members.get(first);
      if (!first || !viewer) {
        left = left.slice(1);
        continue;
      }
      const { answer, isSameFor } = await answerEvent(event, { args, viewer, address: first.caller.address });
      const others: Subscriber[] = [];
      for (const subscriber of left) {
        const own = this.#members.get(subscriber);
        if (!own) continue;
        if (isSameFor(own)) subscriber.next(answer);
        else others.push(subscriber);
      }
      left = others;
    }
  }

  #fail(error: unknown, only: readonly Subscriber[] | undefined): void {
    this.#options.logger.error({ err: error }, 'an event of a subscription could not be answered');
    for (const subscriber of only ?? [...this.#members.keys()]) {
      this.remove(subscriber);
      subscriber.fail(error);
    }
  }
}
