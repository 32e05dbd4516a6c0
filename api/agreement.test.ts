// Reading, defaulting, checking and patching agree on what a schema says, for random objects of every kind.

import { expect } from "chai";
import fc from "fast-check";
import { applyMergePatch } from "../apiserver/patch/merge-patch.ts";
import { deepEqual } from "../lib/deep-equal.ts";
import { arbitraryOf } from "../testing/arbitrary-object.ts";
import { builtinResources } from "./index.ts";
import { apiVersionOf } from "./resource.ts";
import { decodeObject } from "./schema/decode.ts";
import { applyDefaults } from "./schema/default.ts";
import { applyStrategicMerge, type JsonObject } from "./schema/strategic-merge.ts";
import { planMergePatch, planStrategicPatch } from "./schema/three-way.ts";
import { validateObject } from "./schema/validate.ts";

const RUNS = { numRuns: 40, seed: 1 };
const strict = { fieldValidation: "Strict" } as const;

for (const resource of builtinResources) {
  const { schema } = resource;
  const objects = arbitraryOf(schema, 5) as fc.Arbitrary<JsonObject>;
  const read = (value: JsonObject): JsonObject => decodeObject(schema, value, strict).object as unknown as JsonObject;

  describe(`random objects of ${apiVersionOf(resource)} ${resource.plural}`, () => {
    it("are read whole, and reading them again changes nothing", () => {
      fc.assert(
        fc.property(objects, (object) => {
          const once = read(object);
          expect(read(JSON.parse(JSON.stringify(once)) as JsonObject)).to.deep.equal(once);
        }),
        RUNS,
      );
    });

    it("break no rule of the schema alone", () => {
      fc.assert(
        fc.property(objects, (object) => {
          expect(validateObject(schema, read(object) as never)).to.deep.equal([]);
        }),
        RUNS,
      );
    });

    it("keep what they say when defaults are filled in, once and for all", () => {
      fc.assert(
        fc.property(objects, (object) => {
          const complete = applyDefaults(schema, read(object) as never);
          expect(applyDefaults(schema, structuredClone(complete))).to.deep.equal(complete);
          // What a secret has in stringData replaces what it has in data.
          expectKept({ ...read(object), ...(object.stringData !== undefined && { data: {} }) }, complete);
        }),
        RUNS,
      );
    });

    it("become each other by the patches that are planned from their difference", () => {
      fc.assert(
        fc.property(objects, objects, (before, after) => {
          const [current, modified] = [read(before), read(after)];
          const strategic = planStrategicPatch(schema, { original: current, modified, current });
          expectSame(applyStrategicMerge(schema, current, strategic), modified);
          const merge = planMergePatch({ original: current, modified, current });
          expectSame(applyMergePatch(current, merge), modified);
        }),
        RUNS,
      );
    });

    it("are not changed by the patch to themselves", () => {
      fc.assert(
        fc.property(objects, (object) => {
          const current = read(object);
          const same = { original: current, modified: current, current };
          expect([planStrategicPatch(schema, same), planMergePatch(same)]).to.deep.equal([{}, {}]);
        }),
        RUNS,
      );
    });
  });
}

function expectSame(patched: unknown, wanted: unknown): void {
  if (!deepEqual(patched, wanted)) expect(patched).to.deep.equal(wanted);
}

/** What Kubernetes' own defaults replace, by the end of its path. */
const REPLACED = [
  // The older name of serviceAccountName follows the newer one.
  /serviceAccount$/,
  // Moves into data.
  /^stringData$/,
  // Dropped where the affinity is not ClientIP.
  /sessionAffinityConfig$/,
  // Always those of a claim.
  /volumeClaimTemplates\.\d+\.(kind|apiVersion)$/,
];

/** Defaults only fill gaps. A zero is one in Go, for most numbers. */
function expectKept(given: unknown, complete: unknown, path = ""): void {
  if (given === 0 || REPLACED.some((pattern) => pattern.test(path))) return;
  if (typeof given !== "object" || given === null) {
    expect(complete, path).to.equal(given);
    return;
  }
  for (const [key, value] of Object.entries(given)) {
    expectKept(value, (complete as Record<string, unknown>)[key], path ? `${path}.${key}` : key);
  }
}
