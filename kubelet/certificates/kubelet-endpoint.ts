// The kubelet's own endpoint on a socket: with the certificate of two files, or with one that the cluster signs and that is
// renewed while the endpoint serves.

import type { Client } from "../../client/client.ts";
import type { ReadFile } from "../../client/kubeconfig.ts";
import type { Clock } from "../../lib/clock.ts";
import { serveHttps, type RunningServer } from "../../lib/http-server.ts";
import type { Handler } from "../../lib/http.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import { readCertificate, type KeyPair } from "../../lib/x509.ts";
import type { NodeFiles } from "../node-files.ts";
import { rotateCertificate } from "./certificate-rotator.ts";
import { certificateStore } from "./certificate-store.ts";
import { requestCertificate } from "./request-certificate.ts";

export interface EndpointOptions {
  readonly client: Client;
  readonly nodeName: string;
  /** The DNS names and IP addresses that the node is reached by. */
  readonly hosts: readonly string[];
  readonly address: string;
  readonly port: number;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly clientCaFile?: string;
  /** Asks the cluster for certificates; for a person, or a controller of theirs, to approve. */
  readonly isRotating: boolean;
  readonly certificateDirectory: string;
  readonly files: Pick<NodeFiles, "readStart" | "write">;
  readonly readFile: ReadFile;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface KubeletEndpoint {
  /** Absent: the node has no endpoint. */
  readonly serve?: (handler: Handler) => Promise<RunningServer>;
  /** Renews its certificate until `signal` is aborted; ends at once where it is not to be renewed. */
  rotate(signal: AbortSignal): Promise<void>;
}

/** Rejects where the flags do not go together, or a file cannot be read. */
export async function openEndpoint(options: EndpointOptions): Promise<KubeletEndpoint> {
  const { tlsCertFile, tlsPrivateKeyFile, clientCaFile, isRotating, readFile } = options;
  const given = [tlsCertFile, tlsPrivateKeyFile].filter((path) => path !== undefined);
  if (given.length === 1) throw new Error("--tls-cert-file and --tls-private-key-file go together");
  if (given.length > 0 && isRotating) {
    throw new Error("--rotate-server-certificates asks for a certificate, and --tls-cert-file brings one: choose one");
  }
  const clientCa = clientCaFile && (await readFile(clientCaFile));
  if (isRotating) return renewedEndpoint(options, clientCa);
  if (!tlsCertFile || !tlsPrivateKeyFile) return { rotate: () => Promise.resolve() };
  const keys = { cert: await readFile(tlsCertFile), key: await readFile(tlsPrivateKeyFile) };
  return { serve: (handler) => listen(options, handler, { ...keys, clientCa }), rotate: () => Promise.resolve() };
}

type Keys = Partial<KeyPair> & { readonly clientCa?: string };

const listen = ({ address: host, port, log, clock }: EndpointOptions, handler: Handler, tls: Keys) =>
  serveHttps({ handler, host, port, tls, log, clock });

async function renewedEndpoint(options: EndpointOptions, clientCa: string | undefined): Promise<KubeletEndpoint> {
  const { files, certificateDirectory, clock, hosts } = options;
  const store = certificateStore(files, certificateDirectory, "server");
  const stored = await store.read();
  let keys = stored && isFit(stored, hosts, clock.now()) ? stored : undefined;
  const current = keys;
  let server: RunningServer | undefined;
  return {
    serve: async (handler) => (server = await listen(options, handler, { ...keys, clientCa })),
    rotate: (signal) =>
      rotateCertificate(
        {
          ...options,
          title: "of the kubelet's endpoint",
          current,
          request: (each) => requestCertificate(options, { ...options, usage: "server" }, each),
          keep: (next) => store.write(next),
          use: (next) => {
            keys = next;
            server?.useKeys(next);
          },
        },
        signal,
      ),
  };
}

/** One for other addresses, or from long ago, is not shown again. */
function isFit({ cert }: KeyPair, hosts: readonly string[], nowMs: number): boolean {
  const { hosts: named, notAfterMs } = readCertificate(cert);
  return notAfterMs > nowMs && hosts.every((host) => named.includes(host));
}
