// Transports carry requests to an API server. The one over sockets is lib/http-client.ts; this one calls the server's
// function directly, so that frozen objects pass through without being encoded.

import type { Handler, UserInfo } from "../lib/http.ts";

/** Calls `handle` as `user`. Whatever identity the request carries is replaced. */
export function inProcessTransport(handle: Handler, user: UserInfo): Handler {
  const peer = { address: "in-process", user };
  return (request) => handle({ ...request, peer });
}
