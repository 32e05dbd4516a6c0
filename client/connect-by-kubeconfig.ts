// From a kubeconfig's path to a transport: how a component that runs in a process of its own reaches the API server.

import { httpsHandler } from "../lib/http-client.ts";
import type { Handler } from "../lib/http.ts";
import { connectionOf, loadKubeconfig, type ReadFile } from "./kubeconfig.ts";

/** PEM of the authority that the current context's server is checked with; undefined where the machine's own are. */
export async function authorityByKubeconfig(path: string, readFile: ReadFile): Promise<string | undefined> {
  return (await connectionOf(await loadKubeconfig([path], readFile), {}, readFile)).tls.ca;
}

/** The same without any credentials: for those who bring their own with each request. */
export async function connectWithoutUser(path: string, readFile: ReadFile): Promise<Handler> {
  const connection = await connectionOf(await loadKubeconfig([path], readFile), {}, readFile);
  const { ca, serverName } = connection.tls;
  return httpsHandler({ ...connection, token: undefined, tls: { ca, serverName } });
}

/** The transport to the current context's server. Sends nothing yet. Rejects with KubeconfigError, one sentence. */
export async function connectByKubeconfig(path: string, readFile: ReadFile): Promise<Handler> {
  return httpsHandler(await connectionOf(await loadKubeconfig([path], readFile), {}, readFile));
}
