// From a kubeconfig's path to a transport: how a component that runs in a process of its own reaches the API server.

import { httpsHandler } from "../lib/http-client.ts";
import type { Handler } from "../lib/http.ts";
import { connectionOf, loadKubeconfig, type Connection, type ReadFile } from "./kubeconfig.ts";

/**
 * A component creates and deletes hundreds of objects at once. More requests in flight than this make nothing faster, and a new
 * connection for each costs both ends several times what the request itself does. Nothing else comes in such numbers, and
 * nothing else may wait for creations that a webhook holds up: the lease of a leader, least of all.
 */
const BURST_MAX = 64;
const shared = { inFlightMax: { POST: BURST_MAX, DELETE: BURST_MAX }, idleConnectionsMax: BURST_MAX };

/** PEM of the authority that the current context's server is checked with; undefined where the machine's own are. */
export async function authorityByKubeconfig(path: string, readFile: ReadFile): Promise<string | undefined> {
  return (await connectionOf(await loadKubeconfig([path], readFile), {}, readFile)).tls.ca;
}

/** The same without any credentials: for those who bring their own with each request. */
export async function connectWithoutUser(path: string, readFile: ReadFile): Promise<Handler> {
  const connection = await connectionOf(await loadKubeconfig([path], readFile), {}, readFile);
  const { ca, serverName } = connection.tls;
  return httpsHandler({ ...connection, ...shared, token: undefined, tls: { ca, serverName } });
}

/** The transport to the current context's server. Sends nothing yet. Rejects with KubeconfigError, one sentence. */
export async function connectByKubeconfig(path: string, readFile: ReadFile): Promise<Handler> {
  return connectTo(await connectionOf(await loadKubeconfig([path], readFile), {}, readFile));
}

/** The transport over a connection that is described already. */
export const connectTo = (connection: Connection): Handler => httpsHandler({ ...connection, ...shared });
