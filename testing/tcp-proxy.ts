// A TCP proxy on loopback whose connections a test can cut, count bytes on, and refuse: a bad network for clients under test.

import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #refusing = false;
  /** Called with the number of bytes that have come from the target in all. */
  onBytes: (total: number) => void = () => undefined;
  #bytes = 0;

  private constructor(targetPort: number) {
    this.#server = createServer((client) => {
      if (this.#refusing) return client.destroy();
      const target = connect(targetPort, "127.0.0.1");
      for (const socket of [client, target]) {
        this.#sockets.add(socket);
        socket.on("error", () => socket.destroy());
        socket.on("close", () => this.#sockets.delete(socket));
      }
      client.on("close", () => target.destroy());
      target.on("close", () => client.destroy());
      target.on("data", (chunk) => {
        this.#bytes += chunk.length;
        this.onBytes(this.#bytes);
      });
      client.pipe(target).pipe(client);
    });
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await once(proxy.#server.listen(0, "127.0.0.1"), "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks every connection. New ones are accepted. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Whether new connections are closed at once. */
  set refusing(refusing: boolean) {
    this.#refusing = refusing;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }
}
