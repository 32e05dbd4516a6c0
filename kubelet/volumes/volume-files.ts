// Which files a ConfigMap, a Secret or the downward API shows in a volume. Pure.

import type { ConfigMap } from "../../api/core/config-map.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Secret } from "../../api/core/secret.ts";
import type { DownwardAPIVolumeFile, KeyToPath } from "../../api/core/volume-projection.ts";
import { readField, readResource, type DownwardFacts } from "../field-ref.ts";
import type { VolumeFile, VolumeFiles } from "./atomic-files.ts";

export interface Selection {
  readonly name: string;
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
  readonly defaultMode?: number;
}

const DEFAULT_MODE = 0o644;

export function configMapFiles(found: ConfigMap | undefined, selection: Selection): VolumeFiles {
  if (!found && !selection.optional) throw new Error(`configmap "${selection.name}" not found`);
  const text = Object.entries(found?.data ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const);
  const binary = Object.entries(found?.binaryData ?? {}).map(([key, value]) => [key, decode(value)] as const);
  return select(new Map([...text, ...binary]), selection, "configmap");
}

export function secretFiles(found: Secret | undefined, selection: Selection): VolumeFiles {
  if (!found && !selection.optional) throw new Error(`secret "${selection.name}" not found`);
  const data = Object.entries(found?.data ?? {}).map(([key, value]) => [key, decode(value)] as const);
  return select(new Map(data), selection, "secret");
}

const decode = (base64: string) => Buffer.from(base64, "base64");

/** Kubernetes' words. */
const REFERENCES = {
  configmap: "configmap references non-existent config",
  secret: "references non-existent secret",
} as const;

/** All keys, or the listed ones under the paths given for them. */
function select(
  data: ReadonlyMap<string, Uint8Array>,
  selection: Selection,
  kind: keyof typeof REFERENCES,
): VolumeFiles {
  const { items, optional, defaultMode = DEFAULT_MODE } = selection;
  if (!items) return new Map([...data].map(([key, content]) => [key, { data: content, mode: defaultMode }]));
  const files = new Map<string, VolumeFile>();
  for (const { key, path, mode = defaultMode } of items) {
    const content = data.get(key);
    if (content) files.set(path, { data: content, mode });
    else if (!optional) throw new Error(`${REFERENCES[kind]} key: ${key}`);
  }
  return files;
}

export function downwardFiles(
  items: readonly DownwardAPIVolumeFile[],
  {
    pod,
    facts,
    defaultMode = DEFAULT_MODE,
  }: { readonly pod: Pod; readonly facts: DownwardFacts; readonly defaultMode?: number },
): VolumeFiles {
  const read = ({ fieldRef, resourceFieldRef }: DownwardAPIVolumeFile) => {
    if (fieldRef) return readField(fieldRef, pod, facts);
    return resourceFieldRef ? readResource(resourceFieldRef, { pod }, facts) : "";
  };
  return new Map(items.map((item) => [item.path, { data: Buffer.from(read(item)), mode: item.mode ?? defaultMode }]));
}
