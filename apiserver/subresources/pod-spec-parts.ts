// Subresources of pods that change one part of the spec which ordinary updates may not touch: debugging containers are
// added through `ephemeralcontainers`, resources changed through `resize`.

import type { Pod } from "../../api/core/pod.ts";
import type { Container } from "../../api/core/container.ts";
import { invalid } from "../../api/meta/status.ts";
import type { FieldError } from "../../api/schema/field-error.ts";
import { validateObject } from "../../api/schema/validate.ts";
import { validateEphemeralContainers, validateResize } from "../../api/core/validate-pod-part.ts";
import { subdomainProblems } from "../../api/meta/names.ts";
import { validateMetadata } from "../../api/meta/validate-metadata.ts";
import { withGeneration } from "../../api/meta/generation.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { Answer } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { readEntry } from "../registry/get.ts";
import { patched, readPatch } from "../registry/patch.ts";
import { readObject } from "../registry/request-object.ts";
import { modify } from "../registry/update.ts";
import type { Server } from "../server.ts";
import { pods } from "../../api/core/pod.ts";

interface SpecPart {
  /** The stored pod with this part, and the metadata, as they were sent. */
  take(pod: Pod, old: Pod): Pod;
  validate(pod: Pod, old: Pod): readonly FieldError[];
}

const PARTS: Readonly<Record<string, SpecPart | undefined>> = {
  ephemeralcontainers: { take: takeEphemeralContainers, validate: validateEphemeralContainers },
  resize: { take: takeResources, validate: validateResize },
};

/** Serves get, update and patch of the named part. */
export async function servePodSpecPart(server: Server, request: ApiRequest): Promise<Answer> {
  const part = PARTS[request.subresource ?? ""];
  if (!part || request.http.method === "GET") return { kind: "entry", entry: await readEntry(request) };
  const isPatch = request.http.method === "PATCH";
  const patch = isPatch ? await readPatch(request) : undefined;
  const sent = isPatch ? undefined : await readObject(request);
  const { resource } = request.served;
  const next = (old: KubeObject) => sent ?? (patch ? patched(request, { patch, old, kind: resource }) : old);
  const prepare = (object: KubeObject, old: KubeObject): KubeObject => preparePart(part, object as Pod, old as Pod);
  const modification = { next, prepare, isServersOwn: true, isUnconditional: isPatch };
  const { object } = await modify(server, request, modification);
  return { kind: "object", status: 200, object };
}

/** The rules for updates of pods would refuse what these parts are for, so each has its own. */
function preparePart({ take, validate }: SpecPart, sent: Pod, old: Pod): Pod {
  const pod = take(sent, old);
  const schemaErrors = validateObject(pods.schema, pod);
  const errors =
    schemaErrors.length > 0 ? schemaErrors : [...validateMetadata(pod, old, POD_NAMES), ...validate(pod, old)];
  if (errors.length > 0) throw invalid(pods, old.metadata.name, errors);
  return withGeneration(pod, old, ({ spec }) => spec);
}

const POD_NAMES = { name: subdomainProblems };

function takeEphemeralContainers(pod: Pod, old: Pod): Pod {
  const { ephemeralContainers = [] } = pod.spec;
  return { ...old, metadata: pod.metadata, spec: { ...old.spec, ephemeralContainers } };
}

function takeResources(pod: Pod, old: Pod): Pod {
  const { initContainers, containers } = old.spec;
  return {
    ...old,
    metadata: pod.metadata,
    spec: {
      ...old.spec,
      ...(initContainers && { initContainers: withResources(initContainers, pod.spec.initContainers ?? []) }),
      containers: withResources(containers, pod.spec.containers),
    },
  };
}

function withResources(containers: readonly Container[], sent: readonly Container[]): readonly Container[] {
  return containers.map((container) => {
    const resources = sent.find(({ name }) => name === container.name)?.resources;
    return resources ? { ...container, resources } : container;
  });
}
