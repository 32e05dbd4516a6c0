// Tells load balancers which nodes have endpoints of services whose external traffic stays on the node: one HTTP port for each
// such service, answered as kube-proxy answers it.

import { errorMessage } from "../lib/error-message.ts";
import type { SyncProblem } from "./backends/backend.ts";
import type { HealthCheck } from "./service-table.ts";

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HealthCheckServer {
  close(): Promise<void>;
}

/** Answers every request at a port of the node. Rejects where it is taken. */
export type ServeHealthCheck = (port: number, answer: () => HealthAnswer) => Promise<HealthCheckServer>;

interface Served {
  check: HealthCheck;
  readonly server: HealthCheckServer;
}

export class HealthChecks {
  readonly #serve: ServeHealthCheck;
  readonly #served = new Map<number, Served>();

  constructor(serve: ServeHealthCheck) {
    this.#serve = serve;
  }

  /** Opens and closes ports so that these checks are answered, and says which cannot be. */
  async sync(checks: readonly HealthCheck[]): Promise<readonly SyncProblem[]> {
    const wanted = new Map(checks.map((check) => [check.port, check]));
    for (const [port, { server }] of this.#served) {
      if (wanted.has(port)) continue;
      this.#served.delete(port);
      await server.close();
    }
    const problems = await Promise.all([...wanted.values()].map((check) => this.#keep(check)));
    return problems.filter((problem) => problem !== undefined);
  }

  close(): Promise<unknown> {
    return this.sync([]);
  }

  async #keep(check: HealthCheck): Promise<SyncProblem | undefined> {
    const known = this.#served.get(check.port);
    if (known) {
      known.check = check;
      return undefined;
    }
    try {
      const answer = () => renderHealth(this.#served.get(check.port)?.check ?? check);
      this.#served.set(check.port, { check, server: await this.#serve(check.port, answer) });
      return undefined;
    } catch (error) {
      const message = `Port ${check.port} for health checks cannot be listened on: ${errorMessage(error)}.`;
      return { service: check.service, message };
    }
  }
}

/** As kube-proxy's: 503 sends the load balancer elsewhere. */
export function renderHealth({ service, localEndpoints }: HealthCheck): HealthAnswer {
  return {
    status: localEndpoints > 0 ? 200 : 503,
    headers: { "content-type": "application/json", "x-load-balancing-endpoint-weight": String(localEndpoints) },
    body: JSON.stringify({ service, localEndpoints, serviceProxyHealthy: true }),
  };
}
