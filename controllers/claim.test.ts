import { expect } from "chai";
import { replicaSets, type ReplicaSet } from "../api/apps/replica-set.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { selectorOfLabels } from "../api/meta/selector.ts";
import { storedObject } from "../testing/stored-object.ts";
import { planClaim } from "./claim.ts";

const deleting = { deletionTimestamp: "2026-01-01T00:00:00Z" };
const owner = (metadata: object = {}): ReplicaSet =>
  storedObject(replicaSets, { metadata: { uid: "me", ...metadata } });
const pod = (app: string, controller?: string, more: object = {}): Pod => {
  const ownerReferences = controller && [
    { apiVersion: "apps/v1", kind: "ReplicaSet", name: "x", uid: controller, controller: true },
  ];
  return storedObject(pods, { metadata: { labels: { app }, ownerReferences, ...more } });
};

describe("claiming objects", () => {
  const table: [string, ReplicaSet, Pod, "owned" | "adopt" | "release" | "none"][] = [
    ["keeps what is its own and matches", owner(), pod("web", "me"), "owned"],
    ["releases what is its own and does not match", owner(), pod("other", "me"), "release"],
    ["adopts what matches and is nobody's", owner(), pod("web"), "adopt"],
    ["leaves what does not match and is nobody's", owner(), pod("other"), "none"],
    ["leaves what is somebody else's", owner(), pod("web", "other"), "none"],
    ["adopts nothing that is on its way out", owner(), pod("web", undefined, deleting), "none"],
    ["adopts nothing while it is on its way out itself", owner(deleting), pod("web"), "none"],
    ["releases nothing while it is on its way out itself", owner(deleting), pod("other", "me"), "none"],
    ["keeps its own while it is on its way out", owner(deleting), pod("web", "me"), "owned"],
  ];
  for (const [what, subject, candidate, expected] of table) {
    it(what, () => {
      const claim = planClaim(subject, selectorOfLabels({ app: "web" }), [candidate]);
      const lists = { owned: claim.owned, adopt: claim.adopt, release: claim.release };
      const found = Object.entries(lists).find(([, list]) => list.includes(candidate))?.[0] ?? "none";
      expect(found).to.equal(expected);
    });
  }
});
