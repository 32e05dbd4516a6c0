// Where a kubelet keeps a certificate between two starts: certificate and key in one file, so that neither is ever without the
// other.

import { join } from "node:path";
import { readCertificate, type KeyPair } from "../../lib/x509.ts";
import type { NodeFiles } from "../node-files.ts";

export interface CertificateStore {
  readonly path: string;
  /** Undefined where there is none, or one that cannot be read. */
  read(): Promise<KeyPair | undefined>;
  write(keys: KeyPair): Promise<void>;
}

const BYTES_MAX = 64 * 1024;

/** Under Kubernetes' name for it: `kubelet-client-current.pem`, `kubelet-server-current.pem`. */
export function certificateStore(
  files: Pick<NodeFiles, "readStart" | "write">,
  directory: string,
  usage: "client" | "server",
): CertificateStore {
  const path = join(directory, `kubelet-${usage}-current.pem`);
  return {
    path,
    async read() {
      const text = Buffer.from(await files.readStart(path, BYTES_MAX)).toString();
      return parsePair(text);
    },
    write: ({ cert, key }) => files.write(path, `${cert.trimEnd()}\n${key.trimEnd()}\n`),
  };
}

/** Readers of PEM take from such a text the part that they look for. */
export function parsePair(text: string): KeyPair | undefined {
  if (!text.includes("PRIVATE KEY-----")) return undefined;
  try {
    readCertificate(text);
    return { cert: text, key: text };
  } catch {
    // Half a file, or somebody else's: a new one takes its place.
    return undefined;
  }
}
