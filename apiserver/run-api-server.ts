// The API server on its socket: what the API server's own process and the standalone cluster both start.

import type { Clock } from "../lib/clock.ts";
import { httpsHandler } from "../lib/http-client.ts";
import { serveHttps } from "../lib/http-server.ts";
import type { Handler } from "../lib/http.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import type { KeyPair } from "../lib/x509.ts";
import type { PortRange } from "./addresses/service-address-ranges.ts";
import { createApiServer } from "./api-server.ts";
import { renderHttpFailure } from "./handler.ts";
import type { AuthOptions } from "./auth/auth.ts";
import { registerIndexPage } from "./index-page.ts";
import { servedResources } from "./runtime-config.ts";
import type { Store } from "./storage/store.ts";
import { createNodeTransport, type NodeTransportOptions } from "./subresources/node-transport.ts";

export interface RunApiServerOptions extends AuthOptions {
  /** Open; its owner closes it after stop(). */
  readonly store: Store;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** The IPv4 address by which clients in the cluster reach this server; they are told of none unless given. */
  readonly advertiseAddress?: string;
  /** PEM. */
  readonly tls: KeyPair & { readonly clientCa?: string };
  readonly kubelets: NodeTransportOptions;
  readonly serviceCidr: string;
  readonly nodePortRange?: PortRange;
  /** Versions that are served besides the usual ones, such as `admissionregistration.k8s.io/v1beta1=true`. */
  readonly runtimeConfig?: readonly string[];
  /** Names of admission steps that are left out. */
  readonly disabledAdmission?: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface RunningApiServer {
  /** For callers in the same process. */
  readonly handle: Handler;
  readonly port: number;
  /** Serves at a further address of this machine, at the same port. */
  serveAt(address: string): Promise<void>;
  /** Ends watches, lets requests in flight finish, and stops what runs beside them. */
  stop(): Promise<void>;
}

/** Resolves when the server is ready. Rejects with ListenError, and with what the store fails with. */
export async function startApiServer(options: RunApiServerOptions): Promise<RunningApiServer> {
  const { kubelets, host, port, tls, log, clock, advertiseAddress } = options;
  const api = createApiServer({
    ...options,
    resources: servedResources(options.runtimeConfig),
    nodeHandler: createNodeTransport(kubelets),
    backendHandler: (baseUrl) => httpsHandler({ baseUrl, tls: {}, insecureSkipVerify: true, idleConnectionsMax: 0 }),
  });
  // The socket comes first: a port in use is found before anything is written.
  const serving = { handler: api.handle, tls, log, clock, pages: registerIndexPage, renderError: renderHttpFailure };
  const server = await serveHttps({ ...serving, host, port });
  const servers = [server];
  const stopping = new AbortController();
  const stop = async () => {
    await Promise.all(servers.map((each) => each.close()));
    stopping.abort();
  };
  try {
    await api.start(stopping.signal);
    if (advertiseAddress) await api.advertise({ address: advertiseAddress, port: server.port }, stopping.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  const serveAt = async (address: string) => {
    servers.push(await serveHttps({ ...serving, host: address, port: server.port }));
  };
  return { handle: api.handle, port: server.port, serveAt, stop };
}
