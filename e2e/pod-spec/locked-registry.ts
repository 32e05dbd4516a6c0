// A registry of images that lets one user in, and has no images: enough to see whom a node asks as.

import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export const REGISTRY_USER = "robot:right";

export class LockedRegistry {
  readonly #server: Server;
  /** As in the name of an image. */
  readonly host: string;

  private constructor(server: Server) {
    this.#server = server;
    this.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<LockedRegistry> {
    const expected = `Basic ${Buffer.from(REGISTRY_USER).toString("base64")}`;
    const server = createServer((request, response) => {
      const mayEnter = request.headers.authorization === expected;
      const [status, code, message] = !mayEnter
        ? [401, "UNAUTHORIZED", "authentication required"]
        : request.url === "/v2/"
          ? [200, "", ""]
          : [404, "MANIFEST_UNKNOWN", "manifest unknown"];
      response.writeHead(status, { "content-type": "application/json", "www-authenticate": 'Basic realm="lab"' });
      response.end(JSON.stringify({ errors: [{ code, message }] }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new LockedRegistry(server);
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
