// A keep-alive HTTPS connection with as little client as possible, so that the server is what is measured: requests are
// fixed bytes, and of an answer only the code and the length are looked at.

import { connect, type TLSSocket } from "node:tls";
import type { Connection } from "../client/kubeconfig.ts";

export interface DownloadTimes {
  readonly firstByteMs: number;
  readonly wholeMs: number;
}

export interface RawRequest {
  readonly method: "GET" | "POST";
  readonly target: string;
  readonly body?: string;
}

const HEADERS_END = Buffer.from("\r\n\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");

export class RawConnection {
  readonly #socket: TLSSocket;
  readonly #host: string;
  readonly #listener = (chunk: Buffer) => this.#accept(chunk);
  #received: Buffer = Buffer.alloc(0);
  #answer: { resolve(code: number): void; reject(error: Error): void } | undefined;

  private constructor(socket: TLSSocket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.on("data", this.#listener);
    socket.on("error", (error: Error) => this.#answer?.reject(error));
    socket.on("close", () => this.#answer?.reject(new Error("the server closed the connection")));
  }

  static async open({ baseUrl, tls }: Pick<Connection, "baseUrl" | "tls">): Promise<RawConnection> {
    const { hostname, port } = new URL(baseUrl);
    const socket = connect({ host: hostname, port: Number(port), ca: tls.ca, cert: tls.cert, key: tls.key });
    await new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
    });
    return new RawConnection(socket, hostname);
  }

  /** Resolves with the answer's code when all of the answer is there. One at a time. */
  send(request: RawRequest): Promise<number> {
    const answered = new Promise<number>((resolve, reject) => (this.#answer = { resolve, reject }));
    this.#socket.write(this.#render(request));
    return answered;
  }

  /** For a watch: calls `see` with the number of lines of each piece of the answer, until `close`. */
  follow(target: string, see: (lines: number) => void): void {
    this.#socket.off("data", this.#listener);
    this.#socket.on("data", (chunk: Buffer) => see(countEvents(chunk)));
    this.#socket.write(this.#render({ method: "GET", target }));
  }

  /** A GET whose answer is timed and thrown away. */
  download(target: string): Promise<DownloadTimes> {
    const startedMs = performance.now();
    let firstByteMs: number | undefined;
    let tail: Buffer = Buffer.alloc(0);
    return new Promise((resolve, reject) => {
      const accept = (chunk: Buffer) => {
        const nowMs = performance.now() - startedMs;
        firstByteMs ??= nowMs;
        tail = Buffer.concat([tail, chunk.subarray(-LAST_CHUNK.length)]).subarray(-LAST_CHUNK.length);
        if (!tail.equals(LAST_CHUNK)) return;
        this.#socket.off("data", accept);
        this.#socket.on("data", this.#listener);
        resolve({ firstByteMs, wholeMs: nowMs });
      };
      this.#answer = { resolve: () => undefined, reject: (error) => reject(error) };
      this.#socket.off("data", this.#listener);
      this.#socket.on("data", accept);
      this.#socket.write(this.#render({ method: "GET", target }));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #render({ method, target, body = "" }: RawRequest): string {
    const headers = ["host: " + this.#host, "accept: application/json"];
    if (body) headers.push("content-type: application/json", `content-length: ${Buffer.byteLength(body)}`);
    return `${method} ${target} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n${body}`;
  }

  #accept(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headersEnd = this.#received.indexOf(HEADERS_END);
    if (headersEnd < 0 || !this.#answer) return;
    const headers = this.#received.toString("latin1", 0, headersEnd);
    const length = /^content-length: (\d+)$/im.exec(headers)?.[1];
    const isWhole =
      length === undefined
        ? this.#received.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
        : this.#received.length >= headersEnd + HEADERS_END.length + Number(length);
    if (!isWhole) return;
    const { resolve } = this.#answer;
    this.#answer = undefined;
    this.#received = Buffer.alloc(0);
    resolve(Number(headers.slice(9, 12)));
  }
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** Every event is a line; the newlines of the chunked encoding come after a carriage return. */
function countEvents(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
    if (chunk[at - 1] !== CARRIAGE_RETURN) count++;
  }
  return count;
}
