// What monitoring asks a process over plain HTTP on loopback: /metrics, /livez, /readyz, and nothing else.
import { createServer, type ServerResponse } from 'node:http';
import { metricsContentType, metricsText } from './metrics.ts';

export type OperationsState = {
  /** What is so wrong that only a restart helps, in words; undefined: nothing. */
  readonly live: () => string | undefined;
  /** Why the process should get no traffic now, in words; undefined: it may have it. */
  readonly ready: () => string | undefined;
};

/**
 * Serves the metrics and the two states; `port` 0 takes any free one. A good state answers 200 `ok`, a bad one 503 and
 * its words. Throws with a sentence where it cannot listen. At most 32 connections, 10 s for a request.
 */
export async function serveOperations(
  endpoint: { readonly host: string; readonly port: number },
  state: OperationsState,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => {
      request.resume();
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        reply(response, 405, 'GET only');
        return;
      }
      switch (request.url) {
        case '/livez':
          replyState(response, state.live);
          break;
        case '/readyz':
          replyState(response, state.ready);
          break;
        case '/metrics':
          metricsText().then(
            (text) => reply(response, 200, text, metricsContentType),
            () => reply(response, 500, 'the metrics cannot be read'),
          );
          break;
        default:
          reply(response, 404, 'here are /metrics, /livez and /readyz');
      }
    },
  );
  server.maxConnections = 32;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`metrics: cannot listen on ${endpoint.host} port ${endpoint.port}: ${error.message}`)),
    );
    server.listen(endpoint.port, endpoint.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : endpoint.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function replyState(response: ServerResponse, state: () => string | undefined): void {
  let problem: string | undefined;
  try {
    problem = state();
  } catch {
    problem = 'the state cannot be told';
  }
  reply(response, problem === undefined ? 200 : 503, problem ?? 'ok');
}

function reply(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  const body = text.endsWith('\n') ? text : `${text}\n`;
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}
