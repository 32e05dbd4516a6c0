// A local TCP port that accepts connections: the near end of `kctl port-forward`.

import { createServer, type AddressInfo } from "node:net";
import type { CommandIo, Listener } from "./command-io.ts";

/** Half-open connections stay open: either side may have more to say after the other has finished. */
export function listen(...[place, accept]: Parameters<CommandIo["listen"]>): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true }, accept);
    server.once("error", reject);
    server.listen(place, () =>
      resolve({ port: (server.address() as AddressInfo).port, close: () => void server.close() }),
    );
  });
}
