// Requests that no proper client would send, over HTTPS with the administrator's certificate, another's, or none.

import type { IncomingMessage } from "node:http";
import { request as startRequest } from "node:https";
import { connect, type TLSSocket } from "node:tls";
import { once } from "node:events";
import type { KubeConfig } from "@kubernetes/client-node";
import type { KeyPair } from "../lib/x509.ts";

export interface Sent {
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The fields that suites look at, of objects and Statuses alike. */
export interface Answered {
  readonly code: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly data: {
    readonly kind?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly data?: Readonly<Record<string, string>>;
    readonly spec?: Readonly<Record<string, unknown>>;
    readonly details?: { readonly causes?: readonly { readonly field?: string }[] };
  };
}

export class RawClient {
  readonly #port: number;
  readonly #ca: string;
  readonly #keys: Partial<KeyPair>;

  constructor(port: number, ca: string, keys: Partial<KeyPair> = {}) {
    this.#port = port;
    this.#ca = ca;
    this.#keys = keys;
  }

  /** With the certificate of a kubeconfig. */
  static of(config: KubeConfig, port: number): RawClient {
    const decode = (base64 = "") => Buffer.from(base64, "base64").toString();
    const { certData, keyData } = config.getCurrentUser() ?? {};
    return new RawClient(port, decode(config.getCurrentCluster()?.caData), {
      cert: decode(certData),
      key: decode(keyData),
    });
  }

  /** The same server, asked by somebody else. */
  as(keys: Partial<KeyPair>): RawClient {
    return new RawClient(this.#port, this.#ca, keys);
  }

  async ask(method: string, path: string, { body, headers = {} }: Sent = {}): Promise<Answered> {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const options = { host: "127.0.0.1", port: this.#port, path, method, ca: this.#ca, ...this.#keys };
    const sent = startRequest({ ...options, agent: false, headers: { ...type, ...length, ...headers } });
    // A server may answer and close before it has taken everything; what counts is its answer.
    sent.on("error", () => undefined);
    sent.end(body);
    const [received] = (await once(sent, "response")) as [IncomingMessage];
    const text = Buffer.concat((await received.toArray()) as Buffer[]).toString();
    return { code: received.statusCode ?? 0, text, headers: received.headers, data: dataOf(text) };
  }

  /** A connection on which a test writes what it likes. Destroy it when done. */
  async connect(): Promise<TLSSocket> {
    const socket = connect({
      host: "127.0.0.1",
      port: this.#port,
      ca: this.#ca,
      ALPNProtocols: ["http/1.1"],
      ...this.#keys,
    });
    socket.on("error", () => undefined);
    await once(socket, "secureConnect");
    return socket;
  }
}

function dataOf(text: string): Answered["data"] {
  try {
    return JSON.parse(text) as Answered["data"];
  } catch {
    return {};
  }
}
