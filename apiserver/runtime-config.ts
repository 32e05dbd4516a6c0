// Which versions of which groups are served: all of Kubernetes' defaults, and those of --runtime-config besides. Pure.

import { builtinResources, optionalResources } from "../api/index.ts";
import { apiVersionOf, type ResourceDefinition } from "../api/resource.ts";

/** `entries` are GROUP/VERSION=true or =false; without a value they mean true. Throws for what cannot be served or left out. */
export function servedResources(entries: readonly string[] = []): readonly ResourceDefinition[] {
  const wanted = new Map(entries.map(parseEntry));
  for (const [apiVersion, isWanted] of wanted) checkEntry(apiVersion, isWanted);
  return [...builtinResources, ...optionalResources.filter((resource) => wanted.get(apiVersionOf(resource)) === true)];
}

function parseEntry(entry: string): readonly [apiVersion: string, isWanted: boolean] {
  const [apiVersion = "", value = "true", ...rest] = entry.split("=");
  if (rest.length > 0 || !["true", "false", ""].includes(value) || !apiVersion) {
    throw new Error(`--runtime-config: ${entry} should look like GROUP/VERSION=true or GROUP/VERSION=false.`);
  }
  return [apiVersion, value !== "false"];
}

function checkEntry(apiVersion: string, isWanted: boolean): void {
  const isIn = (resources: readonly ResourceDefinition[]) =>
    resources.some((each) => apiVersionOf(each) === apiVersion);
  if (isIn(optionalResources)) return;
  const optional = [...new Set(optionalResources.map(apiVersionOf))].join(", ");
  if (!isIn(builtinResources)) {
    throw new Error(`--runtime-config: ${apiVersion} is not known. What can be turned on is ${optional}.`);
  }
  if (!isWanted) throw new Error(`--runtime-config: ${apiVersion} cannot be turned off, only ${optional} can.`);
}
