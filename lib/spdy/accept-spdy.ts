// The handshake of SPDY/3.1 as Kubernetes' clients do it: an HTTP upgrade, with the protocols that may be spoken on its
// streams in a header. Messages and status codes are Kubernetes'.

import type { Clock } from "../clock.ts";
import { HttpError, type HttpRequest, type HttpResponse } from "../http.ts";
import type { SpdyHeaders } from "./header-block.ts";
import { SpdyConnection } from "./spdy-connection.ts";
import type { SpdyStream } from "./spdy-stream.ts";

const UPGRADE = "SPDY/3.1";
const PROTOCOLS_HEADER = "x-stream-protocol-version";

export interface SpdyService {
  /** The best first. */
  readonly protocols: readonly string[];
  readonly clock: Clock;
  /** Whether the client may open a stream with these headers. */
  admits(headers: SpdyHeaders): boolean;
  /** Called once the connection stands; gives what is done with each stream that the client opens. */
  begin(connection: SpdyConnection, protocol: string): (stream: SpdyStream) => void;
}

export const wantsSpdy = ({ headers }: Pick<HttpRequest, "headers">): boolean =>
  headers.upgrade?.toLowerCase().includes(UPGRADE.toLowerCase()) ?? false;

/** The headers of a request for one of these protocols. */
export const spdyRequestHeaders = (protocols: readonly string[]): Readonly<Record<string, string>> => ({
  upgrade: UPGRADE,
  connection: "Upgrade",
  [PROTOCOLS_HEADER]: protocols.join(", "),
});

/**
 * The answer to a request that `wantsSpdy`: 101 with the first of the client's protocols that is served. Throws HttpError
 * 400 and 403.
 */
export function acceptSpdy({ headers }: Pick<HttpRequest, "headers">, service: SpdyService): HttpResponse {
  const { protocols, clock, admits } = service;
  const protocol = negotiate(headers[PROTOCOLS_HEADER], protocols);
  const begin = (connection: SpdyConnection) => service.begin(connection, protocol);
  return {
    status: 101,
    headers: { upgrade: UPGRADE, connection: "Upgrade", [PROTOCOLS_HEADER]: protocol },
    body: {
      kind: "upgrade",
      accept: (socket, head) => void new SpdyConnection(socket, { side: "server", head, clock, admits, begin }),
    },
  };
}

function negotiate(offered: string | undefined, served: readonly string[]): string {
  const wanted = (offered ?? "").split(",").flatMap((each) => each.trim() || []);
  if (wanted.length === 0) throw new HttpError(400, "unable to upgrade: X-Stream-Protocol-Version is required");
  const protocol = wanted.find((each) => served.includes(each));
  if (protocol !== undefined) return protocol;
  throw new HttpError(
    403,
    `unable to upgrade: unable to negotiate protocol: client supports [${wanted.join(" ")}], server accepts [${served.join(" ")}]`,
  );
}
