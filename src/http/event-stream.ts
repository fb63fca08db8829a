import type { FastifyReply } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import type { SharedAnswer } from '../resolvers/subscription/subscriber.js';
import { LatestOutlet } from './latest-outlet.js';

/** A comment, which clients skip. */
const beat = ':\n\n';

/** The answer to one request as a stream of events (WHATWG HTML, server-sent events). */
export class EventStream {
  readonly #reply: FastifyReply;
  readonly #outlet: LatestOutlet;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
    this.#outlet = new LatestOutlet(reply.raw, () => this.cut());
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies of the nginx family hold answers back otherwise.
      'x-accel-buffering': 'no',
    });
    // Some browsers take the answer for begun with its first byte only.
    reply.raw.write(beat);
    reply.raw.once('close', () => this.#outlet[Symbol.dispose]());
  }

  /** Shows that it lives. Whoever has not even taken what came before is left alone. */
  beat(): void {
    if (!this.#reply.raw.writableNeedDrain) this.#reply.raw.write(beat);
  }

  /** Tells what everybody in the group is told; a chunk is made once for all of them. */
  tell(answer: SharedAnswer): void {
    this.#outlet.write(answer.state, () => (this.#reply.raw.writableEnded ? undefined : chunkOf(answer)));
  }

  result(result: FormattedExecutionResult): void {
    this.#reply.raw.write(`event: next\ndata: ${JSON.stringify(result)}\n\n`);
  }

  /** There is nothing more to come, and no reason to come again. */
  complete(): void {
    this.#reply.raw.end('event: complete\ndata: \n\n');
  }

  /** Ends the connection without the word: clients come again. */
  cut(): void {
    this.#reply.raw.destroy();
  }
}

const chunks = new WeakMap<SharedAnswer, Buffer>();

function chunkOf(answer: SharedAnswer): Buffer {
  const known = chunks.get(answer);
  if (known) return known;
  const chunk = Buffer.concat([Buffer.from('event: next\ndata: '), answer.json, Buffer.from('\n\n')]);
  chunks.set(answer, chunk);
  return chunk;
}
