import { expect } from "chai";
import { limitRanges, type LimitRange } from "./limit-range.ts";
import { storedObject } from "../../testing/stored-object.ts";

const rangeOf = (...limits: object[]): LimitRange => storedObject(limitRanges, { spec: { limits } });
const errorsOf = (...limits: object[]) =>
  (limitRanges.validate?.(rangeOf(...limits)) ?? []).map(({ path, message }) => `${path}: ${message}`);

describe("the defaults of a limit range", () => {
  it("are for containers: limits from max, requests from limits and then from min", () => {
    const amounts = { max: { cpu: "2" }, min: { cpu: "1", memory: "1Mi" }, default: { "ephemeral-storage": "1Gi" } };
    const [item, pod] = rangeOf({ type: "Container", ...amounts }, { type: "Pod", ...amounts }).spec.limits;
    expect(item?.default).to.deep.equal({ cpu: "2", "ephemeral-storage": "1Gi" });
    expect(item?.defaultRequest).to.deep.equal({ cpu: "2", "ephemeral-storage": "1Gi", memory: "1Mi" });
    expect(pod).to.not.have.property("defaultRequest");
  });

  it("are none where nothing is limited", () => {
    expect(rangeOf({ type: "Container" }).spec.limits).to.deep.equal([{ type: "Container" }]);
    expect(storedObject(limitRanges).spec.limits).to.deep.equal([]);
  });
});

describe("the validation of a limit range", () => {
  const at = "spec.limits[0]";
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ["accepts bounds", { type: "Pod", min: { cpu: "1" }, max: { cpu: "2" }, maxLimitRequestRatio: { cpu: "2" } }, []],
    ["accepts another's type", { type: "example.com/thing", max: { "example.com/size": "1" } }, []],
    [
      "refuses unknown types",
      { type: "Thing" },
      [`${at}.type: Invalid value: "Thing": must be a standard limit type or fully qualified`],
    ],
    [
      "refuses defaults for pods",
      { type: "Pod", default: { cpu: "1" }, defaultRequest: { cpu: "1" } },
      [
        `${at}.default: Forbidden: may not be specified when \`type\` is 'Pod'`,
        `${at}.defaultRequest: Forbidden: may not be specified when \`type\` is 'Pod'`,
      ],
    ],
    [
      "wants a size for claims",
      { type: "PersistentVolumeClaim", max: { cpu: "1" } },
      [`${at}.limits: Required value: either minimum or maximum storage value is required, but neither was provided`],
    ],
    [
      "refuses resources that containers do not have",
      { type: "Container", max: { pods: "1" }, default: { pods: "1" }, defaultRequest: { pods: "1" } },
      ["max", "default", "defaultRequest"].map(
        (limit) => `${at}.${limit}[pods]: Invalid value: "pods": must be a standard resource for containers`,
      ),
    ],
    [
      "refuses bounds that cross",
      { type: "Container", min: { cpu: "3" }, max: { cpu: "2" }, default: { cpu: "2" }, defaultRequest: { cpu: "3" } },
      [
        `${at}.min[cpu]: Invalid value: "3": min value 3 is greater than max value 2`,
        `${at}.defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 2`,
        `${at}.defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than default limit value 2`,
        `${at}.default[cpu]: Invalid value: "3": min value 3 is greater than default value 2`,
      ],
    ],
    [
      "refuses a default outside the bounds",
      { type: "Container", min: { cpu: "2" }, max: { cpu: "3" }, default: { cpu: "4" }, defaultRequest: { cpu: "1" } },
      [
        `${at}.defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1`,
        `${at}.default[cpu]: Invalid value: "3": default value 4 is greater than max value 3`,
      ],
    ],
    [
      "refuses ratios that nothing can reach",
      { type: "Pod", min: { cpu: "500m" }, max: { cpu: "1" }, maxLimitRequestRatio: { cpu: "3", memory: "500m" } },
      [
        `${at}.maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000`,
        `${at}.maxLimitRequestRatio[memory]: Invalid value: "500m": ratio 500m is less than 1`,
      ],
    ],
    [
      "wants devices to be asked for as they are limited",
      { type: "Container", default: { "example.com/gpu": "2" }, defaultRequest: { "example.com/gpu": "1" } },
      [
        `${at}.defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu`,
      ],
    ],
  ];
  for (const [title, item, errors] of cases) {
    it(title, () => {
      expect(errorsOf(item)).to.deep.equal(errors);
    });
  }

  it("refuses two items of a type", () => {
    expect(errorsOf({ type: "Pod" }, { type: "Pod" })).to.deep.equal(['spec.limits[1].type: Duplicate value: "Pod"']);
  });
});
