// Rules, defaults and columns of queues and pod groups.

import { expect } from "chai";
import { podGroups } from "./pod-group.ts";
import { queues } from "./queue.ts";
import type { KubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { storedObject } from "../../testing/stored-object.ts";

function errorsOf<T extends KubeObject>(resource: ResourceDefinition<T>, spec: object, name = "test"): string[] {
  const object = storedObject(resource, { metadata: { name }, spec });
  return (resource.validate?.(object) ?? []).map(({ path, message }) => `${path}: ${message}`);
}

/** The row of an object that is a minute old. */
function row<T extends KubeObject>(resource: ResourceDefinition<T>, fields: object): string {
  const object = storedObject(resource, { ...fields });
  return resource.columns.map((column) => column.cell(object, 60_000)).join(" | ");
}

describe("a pod group", () => {
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ["needs only the number of members", { minMember: 1 }, []],
    ["has at least one member", { minMember: 0 }, ["spec.minMember: Invalid value: 0: must be greater than 0"]],
    [
      "may not be larger than needed by less than nothing",
      { minMember: 3, maxMember: 2 },
      ["spec.maxMember: Invalid value: 2: must be at least minMember (3)"],
    ],
    [
      "waits for some time",
      { minMember: 1, scheduleTimeoutSeconds: 0 },
      ["spec.scheduleTimeoutSeconds: Invalid value: 0: must be greater than 0"],
    ],
  ];
  for (const [title, spec, errors] of cases) {
    it(title, () => {
      expect(errorsOf(podGroups, spec)).to.deep.equal(errors);
    });
  }

  it("has a name that fits into a label", () => {
    const [error = ""] = errorsOf(podGroups, { minMember: 1 }, "a".repeat(64));
    expect(error).to.match(/^metadata.name: Invalid value: .*must be no more than 63/);
  });

  it("is shown with what has become of it", () => {
    const waiting = { type: "Scheduled", status: "False", reason: "MembersMissing", message: "3 of 8 members" };
    const status = { scheduled: 0, members: 3, conditions: [waiting] };
    expect(row(podGroups, { spec: { minMember: 8, queue: "a" }, status })).to.equal(
      "test | Pending | 0/8 | 0 | a | MembersMissing | 60s | 3 | 0 | 0 | 3 of 8 members",
    );
  });
});

describe("a queue", () => {
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ["may guarantee and limit nothing", {}, []],
    ["may guarantee what it has at most", { guarantee: { cpu: "2" }, max: { cpu: "2" } }, []],
    [
      "is not its own parent",
      { parent: "test" },
      ['spec.parent: Invalid value: "test": a queue cannot be its own parent'],
    ],
    [
      "guarantees no more than its maximum",
      { guarantee: { cpu: "2500m" }, max: { cpu: "2" } },
      ['spec.guarantee[cpu]: Invalid value: "2500m": must not exceed max (2)'],
    ],
    [
      "has amounts or percentages",
      { guarantee: {}, guaranteePercent: 10, max: {}, maxPercent: 20 },
      [
        "spec.guaranteePercent: Forbidden: may not be given together with guarantee",
        "spec.maxPercent: Forbidden: may not be given together with max",
      ],
    ],
    [
      "has percentages that are some",
      { guaranteePercent: 101, maxPercent: -1 },
      [
        "spec.guaranteePercent: Invalid value: 101: must be between 0 and 100, inclusive",
        "spec.maxPercent: Invalid value: -1: must be between 0 and 100, inclusive",
      ],
    ],
    ["has some weight", { weight: 0 }, ["spec.weight: Invalid value: 0: must be greater than 0"]],
    [
      "guarantees no debts",
      { guarantee: { memory: "-1Gi" } },
      ['spec.guarantee[memory]: Invalid value: "-1Gi": must be greater than or equal to 0'],
    ],
  ];
  for (const [title, spec, errors] of cases) {
    it(title, () => {
      expect(errorsOf(queues, spec)).to.deep.equal(errors);
    });
  }

  it("is open, weighs one and takes back what it has lent unless it says otherwise", () => {
    expect(storedObject(queues).spec).to.deep.equal({ weight: 1, reclaim: true, state: "Open" });
  });

  it("is shown with what is used of its guarantee", () => {
    const status = {
      guarantee: { cpu: "4", memory: "4Gi" },
      used: { cpu: "5", pods: "3" },
      borrowed: { cpu: "1" },
      share: 125,
      pending: 2,
      admitted: 3,
    };
    const spec = { parent: "all", guarantee: { cpu: "4" }, maxPercent: 50 };
    expect(row(queues, { spec, status })).to.equal(
      "test | all | Open | cpu: 5/4, memory: 0/4Gi | 125% | 2 | 3 | 60s | cpu: 1 | 50% | 1 | ",
    );
  });

  it("says why it is not ready", () => {
    const conditions = [
      { type: "Ready", status: "False", reason: "ParentMissing", message: 'there is no queue "all"' },
    ];
    expect(row(queues, { spec: { parent: "all" }, status: { conditions } })).to.equal(
      'test | all | ParentMissing | <none> | <none> | 0 | 0 | 60s | <none> | <none> | 1 | there is no queue "all"',
    );
  });
});
