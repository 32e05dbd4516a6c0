// From the flags and the kubeconfig to what it takes to send requests. Flags go before the file's own settings.

import { resolve } from "node:path";
import {
  connectionOf,
  KubeconfigError,
  loadKubeconfig,
  type Connection,
  type Kubeconfig,
  type KubeconfigContext,
  type KubeconfigUser,
} from "../client/kubeconfig.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import type { GlobalFlags } from "./global-flags.ts";
import { kubeconfigPaths } from "./kubeconfig-path.ts";

/** The kubeconfig as it is in its files. Throws CommandError where there is none and no `--server` either. */
export async function readKubeconfig(io: CommandIo, flags: GlobalFlags): Promise<Kubeconfig> {
  const paths = await kubeconfigPaths(io, flags.kubeconfig);
  try {
    return await loadKubeconfig(paths, (path) => io.files.read(path));
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    if (flags.server) return {};
    const hint = error.message.startsWith("There is no kubeconfig")
      ? " Start a cluster with: kctl up, or name one with --kubeconfig or KUBECONFIG."
      : "";
    throw new CommandError(`${error.message}${hint}`);
  }
}

/** Throws CommandError, one sentence, where the settings name no server or cannot be used. */
export async function openConnection(io: CommandIo, flags: GlobalFlags): Promise<Connection> {
  const config = withFlags(await readKubeconfig(io, flags), flags, io.workingDirectory);
  const { context, cluster, user } = flags;
  try {
    const connection = await connectionOf(config, { context, cluster, user }, (path) => io.files.read(path));
    return { ...connection, namespace: flags.namespace ?? connection.namespace };
  } catch (error) {
    if (error instanceof KubeconfigError) throw new CommandError(error.message);
    throw error;
  }
}

/** The settings with those that the flags name put in the place of the file's. Pure. */
function withFlags(config: Kubeconfig, flags: GlobalFlags, folder: string): Kubeconfig {
  const cluster = clusterFields(flags, folder);
  const user = userFields(flags, folder);
  if (!isSet(cluster) && !isSet(user)) return config;
  const name = flags.context ?? config["current-context"] ?? "flags";
  const context = contextWithFlags(findNamed(config.contexts, name)?.context, flags);
  const oldCluster = findNamed(config.clusters, context.cluster)?.cluster;
  const oldUser = findNamed(config.users, context.user)?.user;
  return {
    ...config,
    "current-context": name,
    contexts: replaceNamed(config.contexts, { name, context }),
    clusters: replaceNamed(config.clusters, { name: context.cluster, cluster: { ...oldCluster, ...cluster } }),
    users: replaceNamed(config.users, { name: context.user, user: { ...oldUser, ...user } }),
  };
}

const contextWithFlags = (context: KubeconfigContext | undefined, { cluster, user }: GlobalFlags) => ({
  ...(context ?? { cluster: "flags", user: "flags" }),
  ...(cluster && { cluster }),
  ...(user && { user }),
});

const findNamed = <T extends { readonly name: string }>(list: readonly T[] | undefined, name: string) =>
  list?.find((each) => each.name === name);

const isSet = (fields: object) => Object.keys(fields).length > 0;

function clusterFields(flags: GlobalFlags, folder: string) {
  const authority = flags["certificate-authority"];
  return {
    ...(flags.server && { server: serverAddress(flags.server) }),
    ...(authority && {
      "certificate-authority": resolve(folder, authority),
      "certificate-authority-data": undefined,
    }),
    ...(flags["tls-server-name"] && { "tls-server-name": flags["tls-server-name"] }),
    ...(flags["insecure-skip-tls-verify"] !== undefined && {
      "insecure-skip-tls-verify": flags["insecure-skip-tls-verify"],
    }),
  };
}

function userFields(flags: GlobalFlags, folder: string): KubeconfigUser {
  const certificate = flags["client-certificate"];
  const key = flags["client-key"];
  return {
    ...(flags.token && { token: flags.token }),
    ...(certificate && { "client-certificate": resolve(folder, certificate), "client-certificate-data": undefined }),
    ...(key && { "client-key": resolve(folder, key), "client-key-data": undefined }),
  };
}

const serverAddress = (server: string) => (server.includes("://") ? server : `https://${server}`);

const replaceNamed = <T extends { readonly name: string }>(list: readonly T[] = [], item: T): T[] => [
  ...list.filter(({ name }) => name !== item.name),
  item,
];
