// Who is at the other end of a TLS connection: its address, and the subject of a client certificate that the client CA
// signed and that is valid now. Anything else counts as no certificate.

import type { PeerCertificate, TLSSocket } from "node:tls";
import type { Peer } from "./http.ts";

export type ConnectionPeer = Pick<TLSSocket, "authorized" | "getPeerCertificate" | "remoteAddress">;

interface KnownPeer {
  readonly anonymous: Peer;
  readonly verified?: Peer;
  readonly notAfterMs: number;
}

// The certificate of a connection does not change, and reading it costs more than most requests.
const known = new WeakMap<ConnectionPeer, KnownPeer>();

/** A connection outlives its certificate, hence `nowMs`: an expired one is believed no longer. */
export function peerOf(connection: ConnectionPeer | undefined, nowMs: number): Peer {
  if (!connection) return { address: "" };
  let peer = known.get(connection);
  if (!peer) known.set(connection, (peer = inspect(connection)));
  return peer.verified && nowMs <= peer.notAfterMs ? peer.verified : peer.anonymous;
}

function inspect(connection: ConnectionPeer): KnownPeer {
  const anonymous = { address: connection.remoteAddress ?? "" };
  if (!connection.authorized) return { anonymous, notAfterMs: 0 };
  const certificate = connection.getPeerCertificate();
  const subject = subjectOf(certificate);
  if (!subject) return { anonymous, notAfterMs: 0 };
  return { anonymous, verified: { ...anonymous, certificate: subject }, notAfterMs: Date.parse(certificate.valid_to) };
}

/** Undefined where no certificate was sent (a resumed session counts as authorized even then), or it names no one. */
function subjectOf(certificate: Partial<PeerCertificate>): Peer["certificate"] {
  const commonName: unknown = certificate.subject?.CN;
  if (typeof commonName !== "string" || commonName === "") return undefined;
  const organization = certificate.subject?.O as string | readonly string[] | undefined;
  return { commonName, organizations: organization === undefined ? [] : [organization].flat() };
}
