import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenOnLoopback } from '../../loopback.js';

/** Limits of the LMS's web server, in bytes. */
const REQUEST_LINE_LIMIT = 4094;
const HEADER_LIMIT = 8190;
const BODY_LIMIT = 10 * 1024 * 1024;

export type RequestHandler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => Promise<void>;

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens on both loopback addresses, so that `localhost` works whichever one a client tries first.
 *
 * @param port - 0 takes any free one
 */
export async function listen(port: number, handle: RequestHandler): Promise<Listener> {
  const { port: bound, servers } = await listenOnLoopback(port, async (host, at) => ({
    socket: await listenOn(host, at, handle),
  }));
  return {
    port: bound,
    async close() {
      for (const { socket } of servers) {
        socket.close();
        socket.closeAllConnections();
      }
      await Promise.all(servers.map(({ socket }) => (socket.listening ? once(socket, 'close') : undefined)));
    },
  };
}

async function listenOn(host: string, port: number, handle: RequestHandler): Promise<Server> {
  // Larger than the LMS's own limits, so that exceeding those is answered as the LMS does. `Host` may be anything.
  const server = createServer(
    { maxHeaderSize: 128 * 1024, keepAliveTimeout: 60_000, requireHostHeader: false },
    (request, response) => {
      accept(request, response, handle).catch((error: unknown) => {
        response.destroy();
        // A caller who left while still sending is no failure of ours.
        if (request.complete)
          process.stderr.write(`The sandbox failed to answer: ${error instanceof Error ? error.stack : error}\n`);
      });
    },
  );
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

async function accept(request: IncomingMessage, response: ServerResponse, handle: RequestHandler): Promise<void> {
  const lineBytes = `${request.method} ${request.url} HTTP/1.1`.length;
  if (lineBytes > REQUEST_LINE_LIMIT) {
    return refuse(
      response,
      400,
      'Bad Request',
      `Request Line is too large (${Math.min(lineBytes + 2, 8192)} &gt; ${REQUEST_LINE_LIMIT})`,
    );
  }
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const headerBytes = `${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`.length;
    if (headerBytes > HEADER_LIMIT)
      return refuse(
        response,
        431,
        'Request Header Fields Too Large',
        'Error parsing headers: limit request headers fields size',
      );
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT) return refuse(response, 413, 'Payload Too Large', 'Payload Too Large');
    chunks.push(chunk);
  }
  await handle(request, response, Buffer.concat(chunks));
}

/** A refusal by the web server in front of the LMS: it never reaches the application and ends the connection. */
function refuse(response: ServerResponse, status: number, title: string, text: string): void {
  const body = `<html>\n<head>\n<title>${title}</title>\n</head>\n<body>\n<h1><p>${title}</p></h1>\n${text}\n</body>\n</html>\n`;
  response.writeHead(status, {
    Connection: 'close',
    'Content-Type': 'text/html',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
