// From a file to a static pod: one v1 Pod in YAML or JSON, with defaults filled in and checked as the API server would, and
// bound to this node by its name. Its uid follows from its content, so that another content is another pod. Pure.

import { createHash } from "node:crypto";
import { pods, type Pod } from "../../api/core/pod.ts";
import { decodeObject } from "../../api/schema/decode.ts";
import { applyDefaults } from "../../api/schema/default.ts";
import { validateObject } from "../../api/schema/validate.ts";
import { formatTime } from "../../lib/clock.ts";
import { parseYaml } from "../../lib/yaml.ts";
import { CONFIG_HASH, CONFIG_SEEN, CONFIG_SOURCE, STATIC_VERSION } from "./static-pod.ts";

export interface ManifestPlace {
  readonly path: string;
  readonly nodeName: string;
  /** When it was read; a pod that is there already keeps the time of its first reading. */
  readonly nowMs: number;
}

/** A node gives up nothing for these but the machine itself: kubelets count static pods as critical. */
const NODE_CRITICAL_PRIORITY = 2_000_001_000;

/** Throws an Error that says in one sentence why the text is no pod. */
export function parseManifest(text: string, place: ManifestPlace): Pod {
  const given = readPod(text);
  const { name, namespace = "default", annotations = {} } = given.metadata;
  if (!name) throw new Error("metadata.name: Required value: name or generateName is required");
  const uid = given.metadata.uid ?? hash(given, place);
  const { spec } = given;
  const pod: Pod = {
    ...given,
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...given.metadata,
      name: `${name}-${place.nodeName.toLowerCase()}`,
      namespace,
      uid,
      resourceVersion: STATIC_VERSION,
      creationTimestamp: formatTime(place.nowMs),
      annotations: {
        ...annotations,
        [CONFIG_HASH]: uid,
        [CONFIG_SEEN]: formatTime(place.nowMs),
        [CONFIG_SOURCE]: "file",
      },
    },
    spec: {
      ...spec,
      nodeName: place.nodeName,
      priority: Math.max(spec.priority ?? 0, NODE_CRITICAL_PRIORITY),
      // Taints that drive others away leave it here.
      tolerations: [...(spec.tolerations ?? []), { operator: "Exists", effect: "NoExecute" }],
    },
    status: {},
  };
  const errors = [...validateObject(pods.schema, pod), ...(pods.validate?.(pod) ?? [])];
  if (errors.length > 0) throw new Error(errors.map(({ path, message }) => `${path}: ${message}`).join(", "));
  return pods.prepare?.(pod) ?? pod;
}

function readPod(text: string): Pod {
  const [document, ...others] = parseYaml(text);
  if (!document) throw new Error("it is empty, and should hold a pod");
  if (others.length > 0) throw new Error(`it holds ${others.length + 1} documents, and should hold one pod`);
  const { value } = document;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it holds no object");
  const { apiVersion, kind } = value as Readonly<Record<string, unknown>>;
  if (apiVersion !== "v1" || kind !== "Pod") {
    throw new Error(`it holds ${JSON.stringify({ apiVersion, kind })}, and should hold a Pod of v1`);
  }
  const { object } = decodeObject<Pod>(pods.schema, value, { fieldValidation: "Strict" });
  return applyDefaults(pods.schema, object);
}

/** As long as one of MD5, which is what Kubernetes makes of it. It guards nothing: whoever writes the file chooses the pod. */
function hash(pod: Pod, { nodeName, path }: ManifestPlace): string {
  const content = JSON.stringify(["host", nodeName, "file", path, pod]);
  return createHash("sha256").update(content).digest("hex").slice(0, 32);
}
