// Rules of the kinds that frameworks and reservations consist of, and what tables show of them.

import { expect } from "chai";
import { frameworkRoles } from "./framework-role.ts";
import { frameworks } from "./framework.ts";
import { offers } from "./offer.ts";
import { reservations } from "./reservation.ts";
import { roleLineage, roleProblems } from "./sharing-role.ts";
import type { KubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { storedObject } from "../../testing/stored-object.ts";

function errorsOf<T extends KubeObject>(resource: ResourceDefinition<T>, fields: object, old?: object): string[] {
  const errors = resource.validate?.(storedObject(resource, { ...fields }), old && storedObject(resource, { ...old }));
  return (errors ?? []).map(({ path, message }) => `${path}: ${message}`);
}

const framework = (spec: object = {}) => ({ spec: { role: "eng", owner: "ann", namespaces: ["batch"], ...spec } });
const offer = (spec: object = {}) => ({
  spec: {
    framework: "spark",
    role: "eng",
    node: "a",
    resources: { cpu: "1" },
    expiresAt: "2026-01-01T00:00:00.000000Z",
    ...spec,
  },
});
const reservation = (spec: object = {}, status: object = {}) => ({
  spec: { role: "eng", resources: { cpu: "2" }, ...spec },
  status,
});

type Case = readonly [title: string, errors: readonly string[]];

const cases: readonly Case[] = [
  ["a framework with what it must have", errorsOf(frameworks, framework())],
  ["a framework without an owner", errorsOf(frameworks, framework({ owner: "" }))],
  ["a framework that may run nowhere", errorsOf(frameworks, framework({ namespaces: [] }))],
  ["a framework with a namespace that is none", errorsOf(frameworks, framework({ namespaces: ["../kube-system"] }))],
  ["a framework with a role that is none", errorsOf(frameworks, framework({ role: "eng//web" }))],
  ["a framework that waits too long", errorsOf(frameworks, framework({ offerTimeoutSeconds: 3601 }))],
  ["a framework with less than nothing", errorsOf(frameworks, framework({ minimum: { cpu: "-1" } }))],
  ["a framework with a limit on nobody knows what", errorsOf(frameworks, framework({ limit: { cores: "1" } }))],
  [
    "a framework whose name is too long for a label",
    errorsOf(frameworks, { ...framework(), metadata: { name: "a.b" } }),
  ],
  ["a weight of nothing", errorsOf(frameworkRoles, { spec: { weight: 0 } })],
  ["a role by name", errorsOf(frameworkRoles, { metadata: { name: "eng.web" }, spec: {} })],
  ["an offer", errorsOf(offers, offer())],
  ["an offer of nothing", errorsOf(offers, offer({ resources: {} }))],
  ["an offer that becomes another one", errorsOf(offers, offer({ node: "b" }), offer())],
  ["a reservation on any node", errorsOf(reservations, reservation())],
  ["a reservation of pods, too", errorsOf(reservations, reservation({ resources: { pods: "3", cpu: "1" } }))],
  ["a reservation of nothing", errorsOf(reservations, reservation({ resources: {} }))],
  ["a reservation on one node, twice", errorsOf(reservations, reservation({ node: "a", nodes: 2 }))],
  [
    "a reservation on a node and on others",
    errorsOf(reservations, reservation({ node: "a", nodeSelector: { x: "y" } })),
  ],
  [
    "a reservation that is held twice at one place",
    errorsOf(
      reservations,
      reservation({}, { held: ["a", "a"].map((node) => ({ node, role: "eng", resources: { cpu: "2" } })) }),
    ),
  ],
];

const expected: Readonly<Record<string, readonly string[]>> = {
  "a framework without an owner": ["spec.owner: Required value"],
  "a framework that may run nowhere": ["spec.namespaces: Required value: where the framework may start tasks"],
  "a framework with a namespace that is none": ['spec.namespaces[0]: Invalid value: "../kube-system": a lowercase RFC'],
  "a framework with a role that is none": [
    'spec.role: Invalid value: "eng//web": must consist of DNS labels with slas',
  ],
  "a framework that waits too long": ["spec.offerTimeoutSeconds: Invalid value: 3601: must be between 1 and 3600, i"],
  "a framework with less than nothing": ['spec.minimum[cpu]: Invalid value: "-1": must be greater than or equal to'],
  "a framework with a limit on nobody knows what": [
    'spec.limit[cores]: Invalid value: "cores": must be a standard resource type',
    'spec.limit[cores]: Invalid value: "cores": must be a standard resource for containers',
  ],
  "a framework whose name is too long for a label": ['metadata.name: Invalid value: "a.b": must not contain dots'],
  "a weight of nothing": ["spec.weight: Invalid value: 0: must be between 1 and 1000000, inclusive"],
  "an offer of nothing": ["spec.resources: Required value"],
  "an offer that becomes another one": ["spec: Invalid value: "],
  "a reservation of nothing": ["spec.resources: Required value: what is to be set aside"],
  "a reservation on one node, twice": ["spec.nodes: Forbidden: may not be more than 1 where node is given"],
  "a reservation on a node and on others": ["spec.nodeSelector: Forbidden: may not be given together with node"],
  "a reservation that is held twice at one place": ['status.held[1].node: Duplicate value: "a"'],
};

describe("the rules of frameworks and reservations", () => {
  for (const [title, errors] of cases) {
    const wanted = expected[title] ?? [];
    it(`${wanted.length > 0 ? "refuse" : "allow"} ${title}`, () => {
      expect(errors).to.have.lengthOf(wanted.length);
      wanted.forEach((start, index) => expect(errors[index]).to.satisfy((error: string) => error.startsWith(start)));
    });
  }

  it("let whoever creates a framework be its owner later, too", () => {
    const old = storedObject(frameworks, framework());
    const next = frameworks.prepare?.(storedObject(frameworks, framework({ owner: undefined })), old);
    expect(next?.spec.owner).to.equal("ann");
  });
});

describe("a role", () => {
  it("is a line of DNS labels that fits into a label's value", () => {
    expect(roleProblems("eng/web")).to.deep.equal([]);
    for (const wrong of ["", "/", "eng/", "Eng", "eng.web", `${"a".repeat(40)}/${"b".repeat(40)}`]) {
      expect(roleProblems(wrong), wrong).to.have.lengthOf(1);
    }
  });

  it("is a part of those before its slashes", () => {
    expect(roleLineage("eng/web/front")).to.deep.equal(["eng/web/front", "eng/web", "eng"]);
  });
});

describe("the tables of frameworks and reservations", () => {
  const cellsOf = <T extends KubeObject>({ columns }: ResourceDefinition<T>, object: T) =>
    Object.fromEntries(columns.map(({ name, cell }) => [name, cell(object, Date.parse("2026-01-01T00:01:00Z"))]));

  it("show what a framework has, and how often it was too late", () => {
    const status = { dominantShare: "0.3333", allocated: { memory: "2Gi", cpu: "3" }, tasksStarted: 3, conflicts: 1 };
    const cells = cellsOf(frameworks, storedObject(frameworks, { ...framework(), status }));
    expect(cells).to.include({
      State: "New",
      Share: "33.3%",
      Allocated: "cpu: 3, memory: 2Gi",
      Conflicts: "1 (25.0%)",
    });
  });

  it("show where a reservation is held", () => {
    const held = ["a", "b", "c", "d"].map((node) => ({ node, role: "eng", resources: { cpu: "2" } }));
    const cells = cellsOf(reservations, storedObject(reservations, reservation({ nodes: 5 }, { held })));
    expect(cells).to.include({ Held: "4/5", Nodes: "a,b,c + 1 more", Resources: "cpu: 2" });
  });
});
