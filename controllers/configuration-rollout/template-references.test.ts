import { expect } from "chai";
import type { PodTemplateSpec } from "../../api/core/pod-template.ts";
import { referencesIn, renameReferences } from "./template-references.ts";

const main = { name: "main", image: "app:1" };
const templateOf = (spec: object): PodTemplateSpec =>
  ({ spec: { containers: [main], ...spec } }) as unknown as PodTemplateSpec;

describe("the configuration that a template names", () => {
  interface Case {
    readonly title: string;
    readonly spec: object;
    readonly found: readonly string[];
  }
  const cases: readonly Case[] = [
    {
      title: "volumes",
      spec: {
        volumes: [
          { name: "a", configMap: { name: "m" } },
          { name: "b", secret: { secretName: "s" } },
        ],
      },
      found: ["ConfigMap/m", "Secret/s"],
    },
    {
      title: "projected volumes",
      spec: {
        volumes: [
          {
            name: "a",
            projected: {
              sources: [
                { configMap: { name: "m", optional: true } },
                { secret: { name: "s" } },
                { serviceAccountToken: { path: "t" } },
              ],
            },
          },
        ],
      },
      found: ["ConfigMap/m optional", "Secret/s"],
    },
    {
      title: "variables",
      spec: {
        containers: [
          {
            ...main,
            env: [
              { name: "A", value: "1" },
              { name: "B", valueFrom: { configMapKeyRef: { name: "m", key: "k" } } },
              { name: "C", valueFrom: { secretKeyRef: { name: "s", key: "k", optional: true } } },
              { name: "D", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
            ],
          },
        ],
      },
      found: ["ConfigMap/m", "Secret/s optional"],
    },
    {
      title: "environments, of init containers too",
      spec: {
        initContainers: [{ ...main, envFrom: [{ prefix: "P_", configMapRef: { name: "m" } }] }],
        containers: [{ ...main, envFrom: [{ secretRef: { name: "s" } }] }],
      },
      found: ["ConfigMap/m", "Secret/s"],
    },
    {
      title: "what is named twice, needed once",
      spec: {
        volumes: [{ name: "a", configMap: { name: "m", optional: true } }],
        containers: [{ ...main, envFrom: [{ configMapRef: { name: "m" } }] }],
      },
      found: ["ConfigMap/m"],
    },
    {
      title: "nothing that pulls images or has no name",
      spec: {
        imagePullSecrets: [{ name: "pull" }],
        volumes: [
          { name: "a", configMap: {} },
          { name: "b", secret: {} },
          { name: "c", projected: {} },
          { name: "d", emptyDir: {} },
        ],
      },
      found: [],
    },
    { title: "nothing where there are no containers", spec: { containers: [] }, found: [] },
  ];
  for (const { title, spec, found } of cases) {
    it(`is read from ${title}`, () => {
      const references = referencesIn(templateOf(spec));
      expect(
        references.map(({ kind, name, isOptional }) => `${kind}/${name}${isOptional ? " optional" : ""}`),
      ).to.deep.equal(found);
    });

    it(`is replaced, and nothing besides, in ${title}`, () => {
      const template = templateOf(spec);
      expect(renameReferences(template, ({ name }) => name)).to.deep.equal(template);
      const renamed = renameReferences(template, ({ name }) => `${name}-copy`);
      const back = renameReferences(renamed, ({ name }) => name.replace("-copy", ""));
      expect(back).to.deep.equal(template);
      expect(referencesIn(renamed).every(({ name }) => name.endsWith("-copy"))).to.equal(true);
    });
  }

  it("is nothing in a template without a spec", () =>
    expect(referencesIn({} as unknown as PodTemplateSpec)).to.deep.equal([]));
});
