// Volumes in descriptions of pods and of their templates. Pure.

import { listAt, textAt, valueAt } from "../any-object.ts";
import { indented, type Lines } from "./text.ts";

export function volumeLines(volumes: readonly unknown[], options: { readonly isTemplate?: boolean } = {}): Lines {
  const space = options.isTemplate ? "  " : "";
  if (volumes.length === 0) return [`${space}Volumes:\t<none>`];
  const lines = volumes.flatMap((volume) => [
    `  ${options.isTemplate ? " " : ""}${textAt(volume, "name")}:`,
    ...indented(4, kindLines(volume)),
  ]);
  return [`${space}Volumes:`, ...lines];
}

const optionalOf = (source: unknown) => String(valueAt(source, "optional") === true);

const KINDS: Readonly<Record<string, (source: unknown) => Lines>> = {
  hostPath: (source) => [
    "Type:\tHostPath (bare host directory volume)",
    `Path:\t${textAt(source, "path")}`,
    `HostPathType:\t${textAt(source, "type")}`,
  ],
  emptyDir: (source) => [
    "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
    `Medium:\t${textAt(source, "medium")}`,
    `SizeLimit:\t${textAt(source, "sizeLimit") || "<unset>"}`,
  ],
  secret: (source) => [
    "Type:\tSecret (a volume populated by a Secret)",
    `SecretName:\t${textAt(source, "secretName")}`,
    `Optional:\t${optionalOf(source)}`,
  ],
  configMap: (source) => [
    "Type:\tConfigMap (a volume populated by a ConfigMap)",
    `Name:\t${textAt(source, "name")}`,
    `Optional:\t${optionalOf(source)}`,
  ],
  downwardAPI: (source) => [
    "Type:\tDownwardAPI (a volume populated by information about the pod)",
    "Items:",
    ...listAt(source, "items").map((item) => {
      const from = textAt(item, "fieldRef", "fieldPath") || textAt(item, "resourceFieldRef", "resource");
      return `  ${from} -> ${textAt(item, "path")}`;
    }),
  ],
  projected: (source) => [
    "Type:\tProjected (a volume that contains injected data from multiple sources)",
    ...listAt(source, "sources").flatMap(projectionLines),
  ],
  persistentVolumeClaim: (source) => [
    "Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
    `ClaimName:\t${textAt(source, "claimName")}`,
    `ReadOnly:\t${String(valueAt(source, "readOnly") === true)}`,
  ],
};

function projectionLines(source: unknown): Lines {
  const secret = valueAt(source, "secret");
  if (secret) return [`SecretName:\t${textAt(secret, "name")}`, `Optional:\t${optionalOf(secret)}`];
  const configMap = valueAt(source, "configMap");
  if (configMap) return [`ConfigMapName:\t${textAt(configMap, "name")}`, `Optional:\t${optionalOf(configMap)}`];
  const token = valueAt(source, "serviceAccountToken");
  if (token) return [`TokenExpirationSeconds:\t${textAt(token, "expirationSeconds")}`];
  return valueAt(source, "downwardAPI") ? ["DownwardAPI:\ttrue"] : [];
}

function kindLines(volume: unknown): Lines {
  const found = Object.entries(KINDS).find(([field]) => valueAt(volume, field) !== undefined);
  return found ? found[1](valueAt(volume, found[0])) : ["<unknown>"];
}
