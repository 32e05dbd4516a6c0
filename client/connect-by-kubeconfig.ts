// From a kubeconfig's path to a transport: how a component that runs in a process of its own reaches the API server.

import { httpsHandler } from "../lib/http-client.ts";
import type { Handler } from "../lib/http.ts";
import { connectionOf, loadKubeconfig, type ReadFile } from "./kubeconfig.ts";

/** The transport to the current context's server. Sends nothing yet. Rejects with KubeconfigError, one sentence. */
export async function connectByKubeconfig(path: string, readFile: ReadFile): Promise<Handler> {
  return httpsHandler(await connectionOf(await loadKubeconfig([path], readFile), {}, readFile));
}
