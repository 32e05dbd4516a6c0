// Rules of the kinds that pods choose by name: priority classes and runtime classes.

import { expect } from "chai";
import { priorityClasses } from "./priority-class.ts";
import { runtimeClasses } from "../node/runtime-class.ts";
import type { KubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { storedObject } from "../../testing/stored-object.ts";

function errorsOf<T extends KubeObject>(resource: ResourceDefinition<T>, fields: object, old?: object): string[] {
  const errors = resource.validate?.(storedObject(resource, { ...fields }), old && storedObject(resource, { ...old }));
  return (errors ?? []).map(({ path, message }) => `${path}: ${message}`);
}

describe("a priority class", () => {
  const reserved = "priority class names with 'system-' prefix are reserved for system use only. error:";
  const named = (name: string) => ({ metadata: { name } });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ["has the priority 0 unless it says so", {}, []],
    [
      "is below the control plane's",
      { value: 1_000_000_001 },
      ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
    ],
    ["may be the control plane's own", { ...named("system-node-critical"), value: 2_000_001_000 }, []],
    [
      "is not like the control plane's",
      named("system-x"),
      [`metadata.name: Forbidden: ${reserved} system-x is not a known system priority class`],
    ],
    [
      "does not change the control plane's",
      { ...named("system-cluster-critical"), value: 1 },
      [`metadata.name: Forbidden: ${reserved} value of system-cluster-critical PriorityClass must be 2000000000`],
    ],
    [
      "does not make the control plane's the default",
      { ...named("system-cluster-critical"), value: 2_000_000_000, globalDefault: true },
      [`metadata.name: Forbidden: ${reserved} globalDefault of system-cluster-critical PriorityClass must be false`],
    ],
  ];
  for (const [title, fields, errors] of cases) {
    it(title, () => {
      expect(errorsOf(priorityClasses, fields)).to.deep.equal(errors);
    });
  }

  it("displaces others unless it says so, and keeps to it", () => {
    expect(storedObject(priorityClasses)).to.include({ value: 0, preemptionPolicy: "PreemptLowerPriority" });
    const next = { value: 2, preemptionPolicy: "Never", description: "new" };
    expect(errorsOf(priorityClasses, next, { value: 1 })).to.deep.equal([
      "value: Forbidden: may not be changed in an update.",
      'preemptionPolicy: Invalid value: "Never": field is immutable',
    ]);
  });
});

describe("a runtime class", () => {
  it("is valid with a handler, what it takes, and where it is", () => {
    const overhead = { podFixed: { cpu: "100m" } };
    const scheduling = { nodeSelector: { vm: "yes" }, tolerations: [{ key: "vm", operator: "Exists" }] };
    expect(errorsOf(runtimeClasses, { handler: "kata", overhead, scheduling })).to.deep.equal([]);
  });

  it("has resources, labels and tolerations that are some", () => {
    const fields = {
      handler: "kata",
      overhead: { podFixed: { cpu: "-1" } },
      scheduling: { nodeSelector: { a: "b c" }, tolerations: [{ value: "x" }] },
    };
    expect(errorsOf(runtimeClasses, fields).map((error) => error.slice(0, 60))).to.deep.equal([
      'overhead.limits[cpu]: Invalid value: "-1": must be greater t',
      'scheduling.nodeSelector: Invalid value: "b c": a valid label',
      'scheduling.tolerations[0].operator: Invalid value: "": opera',
    ]);
  });

  it("needs a handler, and keeps it", () => {
    expect(errorsOf(runtimeClasses, {})).to.have.lengthOf(1);
    expect(errorsOf(runtimeClasses, { handler: "b" }, { handler: "a" })).to.deep.equal([
      'handler: Invalid value: "b": field is immutable',
    ]);
  });
});
