// Plain HTTP on the node's addresses, as load balancers ask for health.

import { once } from "node:events";
import { createServer } from "node:http";
import type { HealthCheckServer, HealthAnswer } from "./health-checks.ts";

const CONNECTIONS_MAX = 100;

/** On all addresses unless one is given. Rejects where the port is taken. */
export async function serveHealthCheck(
  port: number,
  answer: () => HealthAnswer,
  address?: string,
): Promise<HealthCheckServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    const { status, headers, body } = answer();
    response.writeHead(status, headers).end(body);
    request.resume();
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(port, address);
  await once(server, "listening");
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
