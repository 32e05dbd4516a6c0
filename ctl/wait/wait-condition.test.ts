import { expect } from "chai";
import type { AnyObject } from "../any-object.ts";
import { isMet, parseWaitCondition } from "./wait-condition.ts";

const object = (status: object, generation = 1): AnyObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", generation },
  status,
});
const ready = (value: string, extra: object = {}) => ({ conditions: [{ type: "Ready", status: value, ...extra }] });

describe("kctl wait", () => {
  for (const { text, found, met } of [
    { text: "condition=Ready", found: object(ready("True")), met: true },
    { text: "condition=ready", found: object(ready("True")), met: true },
    { text: "condition=Ready", found: object(ready("False")), met: false },
    { text: "condition=Ready=False", found: object(ready("False")), met: true },
    { text: "condition=Other", found: object(ready("True")), met: false },
    { text: "condition=Ready", found: object(ready("True", { observedGeneration: 1 }), 2), met: false },
    { text: "condition=Ready", found: object({ ...ready("True"), observedGeneration: 1 }, 2), met: false },
    { text: "condition=Ready", found: undefined, met: false },
    { text: "delete", found: undefined, met: true },
    { text: "delete", found: object({}), met: false },
    { text: "Create", found: object({}), met: true },
    { text: "jsonpath={.status.phase}=Running", found: object({ phase: "Running" }), met: true },
    { text: "jsonpath={.status.phase}=Running", found: object({ phase: "Pending" }), met: false },
    { text: "jsonpath={.status.phase}", found: object({ phase: "Pending" }), met: true },
    { text: "jsonpath={.status.phase}", found: object({}), met: false },
    { text: "jsonpath={.status.replicas}=3", found: object({ replicas: 3 }), met: true },
    { text: 'jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', found: object(ready("True")), met: true },
    { text: "jsonpath=.status.phase=Running", found: object({ phase: "Running" }), met: true },
  ]) {
    it(`for ${text} is ${met ? "over" : "not over"} with ${JSON.stringify(found?.status ?? "no object")}`, () => {
      expect(isMet(parseWaitCondition(text), found)).to.equal(met);
    });
  }

  for (const [text, message] of [
    ["", 'unrecognized condition: ""'],
    ["ready", 'unrecognized condition: "ready"'],
    ["jsonpath=", "jsonpath expression cannot be empty"],
    ["jsonpath={.a}=", "jsonpath wait has to have a value after equal sign"],
    ["jsonpath={.a}b", "jsonpath wait format must be"],
  ] as const) {
    it(`refuses --for=${text}`, () => {
      expect(() => parseWaitCondition(text)).to.throw(message);
    });
  }

  it("refuses paths to what is no plain value", () => {
    const condition = parseWaitCondition("jsonpath={.status}=x");
    expect(() => isMet(condition, object({ a: 1 }))).to.throw("jsonpath leads to a nested object or list");
  });
});
