// The example objects in testing/examples: one file per kind, whose documents together use every field of the API.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { builtinResources } from "../api/index.ts";
import type { KubeObject } from "../api/meta/object.ts";
import { apiVersionOf, type ResourceDefinition } from "../api/resource.ts";
import { parseYaml } from "../lib/yaml.ts";
import { projectRoot } from "./source-tree.ts";

export interface Example {
  /** `core/pods.yaml:12`: where the document starts. */
  readonly place: string;
  readonly resource: ResourceDefinition;
  /** As it is written: server-owned metadata is missing. */
  readonly object: KubeObject & { readonly status?: unknown };
}

const FOLDER = join(projectRoot, "testing/examples");

/** All documents of all files. Throws where one is of no kind that is served. */
export function readExamples(): readonly Example[] {
  const paths = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".yaml"));
  return paths.sort().flatMap((path) => {
    const documents = parseYaml(readFileSync(join(FOLDER, path), "utf8"));
    return documents
      .filter(({ value }) => value !== null)
      .map(({ value, line }) => {
        const object = value as KubeObject;
        const place = `${path}:${line}`;
        const resource = builtinResources.find(
          (each) => each.kind === object.kind && apiVersionOf(each) === object.apiVersion,
        );
        if (!resource) throw new Error(`${place}: no kind ${object.kind} in ${object.apiVersion} is served`);
        return { place, resource, object };
      });
  });
}
