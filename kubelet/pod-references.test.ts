import { expect } from "chai";
import type { PodSpec } from "../api/core/pod.ts";
import { container, podOf } from "../testing/pod-states.ts";
import { listReferences } from "./pod-references.ts";

const render = (spec: Partial<PodSpec>) =>
  listReferences("default", podOf(spec).spec).map(({ kind, name }) => `${kind}/${name}`);
const containerWith = (more: object) => ({ containers: [container("main", more)] });

describe("the objects that a pod refers to", () => {
  for (const [where, spec, expected] of [
    ["nowhere", {}, []],
    [
      "in variables",
      containerWith({ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] }),
      ["secret/s"],
    ],
    ["in whole environments", containerWith({ envFrom: [{ configMapRef: { name: "c" } }] }), ["configmap/c"]],
    [
      "in init containers, each once",
      {
        initContainers: [container("i", { envFrom: [{ configMapRef: { name: "c" } }] })],
        ...containerWith({ envFrom: [{ configMapRef: { name: "c" } }] }),
      },
      ["configmap/c"],
    ],
    [
      "in volumes",
      {
        volumes: [
          { name: "a", configMap: { name: "c" } },
          { name: "b", secret: { secretName: "s" } },
          { name: "p", projected: { sources: [{ secret: { name: "t" } }, { configMap: { name: "d" } }] } },
        ],
      },
      ["configmap/c", "secret/s", "secret/t", "configmap/d"],
    ],
    ["for pulling images", { imagePullSecrets: [{ name: "r" }] }, ["secret/r"]],
  ] as const) {
    it(`are found ${where}`, () => {
      expect(render(spec)).to.deep.equal(expected);
    });
  }
});
