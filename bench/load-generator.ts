// Sends many requests over some connections, each as soon as the one before it is answered.

import type { Connection } from "../client/kubeconfig.ts";
import { RawConnection, type RawRequest } from "./raw-connection.ts";

export interface Load {
  readonly count: number;
  readonly connections: number;
  /** The code of every answer. */
  readonly expectedCode: number;
  request(index: number): RawRequest;
}

/** Resolves with the requests answered per second. Rejects at the first answer with another code. */
export async function generateLoad(server: Pick<Connection, "baseUrl" | "tls">, load: Load): Promise<number> {
  const connections = await Promise.all(Array.from({ length: load.connections }, () => RawConnection.open(server)));
  let next = 0;
  const work = async (connection: RawConnection) => {
    while (next < load.count) {
      const request = load.request(next++);
      const code = await connection.send(request);
      if (code !== load.expectedCode) throw new Error(`${request.method} ${request.target} was answered with ${code}`);
    }
  };
  const startedMs = performance.now();
  try {
    await Promise.all(connections.map(work));
    return load.count / ((performance.now() - startedMs) / 1000);
  } finally {
    for (const connection of connections) connection.close();
  }
}
