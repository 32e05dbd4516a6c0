// Plain HTTP on all addresses of the node, as load balancers ask for health.

import { once } from "node:events";
import { createServer } from "node:http";
import type { HealthCheckServer, HealthAnswer } from "./health-checks.ts";

const CONNECTIONS_MAX = 100;

/** Rejects where the port is taken. */
export async function serveHealthCheck(port: number, answer: () => HealthAnswer): Promise<HealthCheckServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    const { status, headers, body } = answer();
    response.writeHead(status, headers).end(body);
    request.resume();
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(port);
  await once(server, "listening");
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
