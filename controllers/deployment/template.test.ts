import { expect } from "chai";
import { deployments, type Deployment } from "../../api/apps/deployment.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { buildReplicaSet, templateHash } from "./template.ts";

const container = { name: "main", image: "app:1", resources: {} };
const deployment = (spec: object = {}, status: object = {}): Deployment =>
  storedObject(deployments, {
    metadata: { name: "web", namespace: "shop", uid: "u" },
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [container] } },
      ...spec,
    },
    status,
  });

describe("the hash of a template", () => {
  const hash = templateHash(deployment());

  it("is a short word of letters and digits that make no words", () => {
    expect(hash).to.match(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  });

  it("does not depend on the order of fields, nor on anything but the template", () => {
    const { image, ...rest } = container;
    const template = { spec: { containers: [{ ...rest, image }] }, metadata: { labels: { app: "web" } } };
    expect(templateHash(deployment({ template, replicas: 9, paused: true }))).to.equal(hash);
  });

  it("differs for another template, and after each collision", () => {
    const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ ...container, image: "app:2" }] } };
    const others = [
      templateHash(deployment({ template })),
      templateHash(deployment({}, { collisionCount: 1 })),
      templateHash(deployment({}, { collisionCount: 2 })),
    ];
    expect(new Set([hash, ...others]).size).to.equal(4);
  });
});

describe("a new ReplicaSet", () => {
  it("carries the hash in its name, its labels, its selector and its pods' labels", () => {
    const subject = deployment({
      minReadySeconds: 5,
      selector: { matchExpressions: [{ key: "app", operator: "Exists" }] },
    });
    const hash = templateHash(subject);
    const { metadata, spec } = buildReplicaSet(subject, { replicas: 2, annotations: { a: "b" } });
    const labels = { app: "web", "pod-template-hash": hash };
    expect(metadata).to.deep.equal({
      name: `web-${hash}`,
      namespace: "shop",
      labels,
      annotations: { a: "b" },
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          name: "web",
          uid: "u",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
    expect(spec).to.deep.include({ replicas: 2, minReadySeconds: 5 });
    expect(spec.selector).to.deep.equal({
      matchExpressions: [{ key: "app", operator: "Exists" }],
      matchLabels: { "pod-template-hash": hash },
    });
    expect(spec.template.metadata?.labels).to.deep.equal(labels);
  });
});
