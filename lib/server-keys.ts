// What a server shows of itself in a handshake, and whose certificates it asks its clients for.

import type { TlsOptions } from "node:tls";

/** PEM. Client certificates are asked for and believed only when `clientCa` signed them. */
export interface ServerKeys {
  /** Without a certificate every handshake fails. */
  readonly cert?: string;
  readonly key?: string;
  readonly clientCa?: string;
}

export const contextOf = ({ cert, key, clientCa }: ServerKeys): TlsOptions => ({
  minVersion: "TLSv1.2",
  cert,
  key,
  ...(clientCa && { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
});
