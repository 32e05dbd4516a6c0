// Subresources of pods that change one part of the spec which ordinary updates may not touch: debugging containers are
// added through `ephemeralcontainers`, resources changed through `resize`.

import type { Pod } from "../../api/core/pod.ts";
import type { Container } from "../../api/core/container.ts";
import { invalid } from "../../api/meta/status.ts";
import { forbiddenField } from "../../api/schema/field-error.ts";
import { withGeneration } from "../../api/meta/generation.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { Answer } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { readEntry } from "../registry/get.ts";
import { patched, readPatch } from "../registry/patch.ts";
import { readObject } from "../registry/request-object.ts";
import { modify } from "../registry/update.ts";
import type { Server } from "../server.ts";
import { pods } from "../../api/core/pod.ts";

type TakePart = (pod: Pod, old: Pod) => Pod;

const PARTS: Readonly<Record<string, TakePart | undefined>> = {
  ephemeralcontainers: takeEphemeralContainers,
  resize: takeResources,
};

/** Serves get, update and patch of the named part. */
export async function servePodSpecPart(server: Server, request: ApiRequest): Promise<Answer> {
  const take = PARTS[request.subresource ?? ""];
  if (request.http.method === "GET" || !take) return { kind: "entry", entry: await readEntry(request) };
  const isPatch = request.http.method === "PATCH";
  const patch = isPatch ? await readPatch(request) : undefined;
  const sent = isPatch ? undefined : await readObject(request);
  const { resource } = request.served;
  const next = (old: KubeObject) => sent ?? (patch ? patched(request, { patch, old, kind: resource }) : old);
  const prepare = (object: KubeObject, old: KubeObject): KubeObject =>
    withGeneration(take(object as Pod, old as Pod), old as Pod, ({ spec }) => spec);
  const modification = { next, prepare, isServersOwn: true, isUnconditional: isPatch };
  const { object } = await modify(server, request, modification);
  return { kind: "object", status: 200, object };
}

function takeEphemeralContainers(pod: Pod, old: Pod): Pod {
  const sent = pod.spec.ephemeralContainers ?? [];
  const stored = old.spec.ephemeralContainers ?? [];
  for (const before of stored) {
    const after = sent.find(({ name }) => name === before.name);
    if (after && semanticEqual(after, before)) continue;
    const detail = `existing ephemeral containers ${JSON.stringify(before.name)} may not be ${after ? "changed" : "removed"}`;
    throw invalid(pods, old.metadata.name, [forbiddenField("spec.ephemeralContainers", detail)]);
  }
  return { ...old, metadata: pod.metadata, spec: { ...old.spec, ephemeralContainers: sent } };
}

function takeResources(pod: Pod, old: Pod): Pod {
  return {
    ...old,
    metadata: pod.metadata,
    spec: { ...old.spec, containers: withResources(old.spec.containers, pod.spec.containers) },
  };
}

function withResources(containers: readonly Container[], sent: readonly Container[]): readonly Container[] {
  return containers.map((container) => {
    const resources = sent.find(({ name }) => name === container.name)?.resources;
    return resources ? { ...container, resources } : container;
  });
}
