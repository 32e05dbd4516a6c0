// What the runtime is told about one of a container's mounts, after the kubelet has made what the mount needs on the node.

import { join } from "node:path";
import type { Container } from "../../api/core/container.ts";
import type { Pod } from "../../api/core/pod.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { expandVariables } from "../expand-variables.ts";
import type { Mount } from "../runtimes/runtime.ts";
import { bindSubPath, resolveSubPath, type BindContext } from "./sub-path.ts";

export type VolumeMount = NonNullable<Container["volumeMounts"]>[number];

export interface MountRequest {
  readonly pod: Pod;
  readonly container: Pick<Container, "name" | "volumeMounts">;
  readonly mount: VolumeMount;
  /** Of the container: what `subPathExpr` may name. */
  readonly environment: ReadonlyMap<string, string>;
  /** As the runtime says. */
  readonly sharesFiles: boolean | undefined;
  readonly signal: AbortSignal;
}

export interface MountedVolume {
  /** Where it lies on the node. */
  readonly root: string;
  readonly isReadOnly: boolean;
  /** The pod's directory of the kubelet. */
  readonly podDirectory: string;
}

/** Throws an Error in Kubernetes' words, with the cause. */
export async function prepareMount(
  request: MountRequest,
  volume: MountedVolume,
  context: Omit<BindContext, "signal">,
): Promise<Mount> {
  const { mount } = request;
  const { mountPath, mountPropagation, readOnly } = mount;
  const path = subPathOf(request);
  return {
    hostPath: path ? await place(path, { request, volume, context }) : volume.root,
    containerPath: mountPath,
    ...((readOnly || volume.isReadOnly) && { readOnly: true }),
    ...(mountPropagation && { propagation: mountPropagation }),
  };
}

/** "" for the whole volume. The API has checked what is written, but not what comes of an expression. */
export function subPathOf({ mount, environment }: Pick<MountRequest, "mount" | "environment">): string {
  const { subPath = "", subPathExpr } = mount;
  const path = subPathExpr ? expand(subPathExpr, environment) : subPath;
  if (path.startsWith("/")) throw new Error(`error SubPath \`${path}\` must not be an absolute path`);
  if (path.split("/").includes("..")) throw new Error(`unable to provision SubPath \`${path}\`: must not contain '..'`);
  return path;
}

function expand(expression: string, environment: ReadonlyMap<string, string>): string {
  const missing = new Set<string>();
  const get = (name: string) => {
    const value = environment.get(name);
    if (!value) missing.add(name);
    return value;
  };
  const expanded = expandVariables(expression, { get });
  if (missing.size > 0) throw new Error(`missing value for ${[...missing].sort().join(", ")}`);
  return expanded;
}

interface Placing {
  readonly request: MountRequest;
  readonly volume: MountedVolume;
  readonly context: Omit<BindContext, "signal">;
}

async function place(path: string, { request, volume, context }: Placing): Promise<string> {
  const { container, mount, sharesFiles, signal } = request;
  const { root, podDirectory } = volume;
  const index = String((container.volumeMounts ?? []).indexOf(mount));
  const target = join(podDirectory, "volume-subpaths", mount.name, container.name, index);
  try {
    if (sharesFiles) return await resolveSubPath({ root, path });
    await bindSubPath({ root, path }, target, { ...context, signal });
    return target;
  } catch (error) {
    if (signal.aborted) throw error;
    const what = `failed to prepare subPath for volumeMount "${mount.name}" of container "${container.name}"`;
    throw new Error(`${what}: ${errorMessage(error)}`, { cause: error });
  }
}
