// As whom a kubelet comes to the API server. One that has no credentials yet asks for some with those of the bootstrap; one that
// is told to renew them goes on as the same node under its next certificate, without a restart.

import { createClient } from "../../client/api-client.ts";
import { connectTo } from "../../client/connect-by-kubeconfig.ts";
import {
  connectionOf,
  loadKubeconfig,
  renderKubeconfig,
  type Connection,
  type Kubeconfig,
  type ReadFile,
} from "../../client/kubeconfig.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Handler } from "../../lib/http.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import { readCertificate, type KeyPair } from "../../lib/x509.ts";
import type { NodeFiles } from "../node-files.ts";
import { rotateCertificate } from "./certificate-rotator.ts";
import { certificateStore, type CertificateStore } from "./certificate-store.ts";
import { requestCertificate } from "./request-certificate.ts";

export interface ClientCredentialsOptions {
  readonly nodeName: string;
  /** Written by the bootstrap where it is missing. */
  readonly kubeconfig: string;
  readonly bootstrapKubeconfig?: string;
  /** Where certificates are kept; it exists. */
  readonly certificateDirectory: string;
  readonly isRotating: boolean;
  readonly files: Pick<NodeFiles, "readStart" | "write">;
  readonly readFile: ReadFile;
  /** How a connection is made; over HTTPS unless given. */
  readonly connect?: (connection: Connection) => Handler;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface ClientCredentials {
  /** Always as the newest certificate says. */
  readonly transport: Handler;
  /** Renews it until `signal` is aborted; ends at once where it is not to be renewed. */
  rotate(signal: AbortSignal): Promise<void>;
}

/** Rejects with KubeconfigError, one sentence, where there is no way to the API server. */
export async function openClientCredentials(
  options: ClientCredentialsOptions,
  signal: AbortSignal,
): Promise<ClientCredentials> {
  const { kubeconfig, readFile, isRotating, files, certificateDirectory, clock, connect = connectTo } = options;
  const store = certificateStore(files, certificateDirectory, "client");
  await bootstrapIfNeeded(options, store, signal);
  const connection = await connectionOf(await loadKubeconfig([kubeconfig], readFile), {}, readFile);
  const stored = isRotating ? await store.read() : undefined;
  const current = stored && isGood(stored, clock) ? stored : pairOf(connection);
  const connectAs = (keys: KeyPair | undefined) =>
    connect({ ...connection, ...(keys && { tls: { ...connection.tls, ...keys }, token: undefined }) });
  let handler = connectAs(current);
  const transport: Handler = (request) => handler(request);
  const client = createClient(transport, { userAgent: "kubelet" });
  const rotate = (until: AbortSignal) =>
    rotateCertificate(
      {
        ...options,
        title: "towards the API server",
        current,
        request: (each) => requestCertificate({ ...options, client }, { ...options, usage: "client" }, each),
        keep: (keys) => store.write(keys),
        use: (keys) => (handler = connectAs(keys)),
      },
      until,
    );
  return { transport, rotate: isRotating ? rotate : () => Promise.resolve() };
}

const pairOf = ({ tls: { cert, key } }: Connection): KeyPair | undefined => (cert && key ? { cert, key } : undefined);

const isGood = ({ cert }: KeyPair, clock: Clock): boolean => readCertificate(cert).notAfterMs > clock.now();

/** Where a kubeconfig has no certificate that is still good, and there is another way to get one. */
async function bootstrapIfNeeded(
  options: ClientCredentialsOptions,
  store: CertificateStore,
  signal: AbortSignal,
): Promise<void> {
  const { bootstrapKubeconfig, kubeconfig, nodeName, readFile, files, clock, log, connect = connectTo } = options;
  if (bootstrapKubeconfig === undefined || (await hasGoodKubeconfig(options, clock))) return;
  log.info("The kubelet asks for its first certificate", { bootstrapKubeconfig });
  const config = await loadKubeconfig([bootstrapKubeconfig], readFile);
  const connection = await connectionOf(config, {}, readFile);
  const client = createClient(connect(connection), { userAgent: "kubelet" });
  const keys = await requestCertificate({ ...options, client }, { nodeName, usage: "client" }, signal);
  await store.write(keys);
  await files.write(kubeconfig, renderKubeconfig(withCertificate(config, store.path)));
}

async function hasGoodKubeconfig({ kubeconfig, readFile }: ClientCredentialsOptions, clock: Clock): Promise<boolean> {
  const text = await readFile(kubeconfig).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return false;
  const connection = await connectionOf(await loadKubeconfig([kubeconfig], readFile), {}, readFile);
  const keys = pairOf(connection);
  return keys ? isGood(keys, clock) : connection.token !== undefined;
}

/** The same cluster, under Kubernetes' names, as the node that the certificate is for. */
function withCertificate(config: Kubeconfig, path: string): Kubeconfig {
  const context = config.contexts?.find(({ name }) => name === config["current-context"])?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster ?? {};
  return {
    clusters: [{ name: "default-cluster", cluster }],
    contexts: [{ name: "default-context", context: { cluster: "default-cluster", user: "default-auth" } }],
    "current-context": "default-context",
    users: [{ name: "default-auth", user: { "client-certificate": path, "client-key": path } }],
  };
}
