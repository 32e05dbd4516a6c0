// Each controller that writes more than once for one object has a test that crashes it between any two of those writes. Found
// here: which test that is, or why a controller needs none.

import { readFileSync } from "node:fs";
import { expect } from "chai";
import { builtinResources } from "../api/index.ts";
import { controllerNames } from "./run-controllers.ts";

const ALL = "run-controllers.test.ts";
const DISRUPTION = "disruption/crash.test.ts";
const VOLUMES = "persistent-volume/crash.test.ts";
const OTHERS = "crash.test.ts";

const CRASH_TESTS: Readonly<Record<string, string>> = {
  "configuration-rollout": OTHERS,
  cronjob: "cron-job/crash.test.ts",
  daemonset: "daemon-set/crash.test.ts",
  deployment: ALL,
  disruption: DISRUPTION,
  endpoints: ALL,
  endpointslice: ALL,
  endpointslicemirroring: DISRUPTION,
  "ephemeral-volume": OTHERS,
  "garbage-collector": ALL,
  "horizontal-pod-autoscaler": "horizontal-pod-autoscaler/crash.test.ts",
  job: "job/crash.test.ts",
  "job-orphan-pods": "job/crash.test.ts",
  namespace: OTHERS,
  "node-lifecycle": OTHERS,
  "persistentvolume-binder": VOLUMES,
  "persistentvolume-reclaimer": VOLUMES,
  "pod-cleanup": OTHERS,
  "pv-protection": VOLUMES,
  "pvc-protection": VOLUMES,
  reclamation: OTHERS,
  replicaset: ALL,
  replication: DISRUPTION,
  "stale-disruption": DISRUPTION,
  "start-order": "start-order/crash.test.ts",
  statefulset: "stateful-set/crash.test.ts",
  "stop-order-daemonset": "start-order/crash.test.ts",
  "stop-order-deployment": "start-order/crash.test.ts",
  "stop-order-service": "start-order/crash.test.ts",
  "stop-order-statefulset": "start-order/crash.test.ts",
  "taint-eviction": OTHERS,
};

/** What each of these writes for one object, and after a crash either has written or writes then. */
const ONE_WRITE: Readonly<Record<string, string>> = {
  "clusterrole-aggregation": "applies the rules of one role",
  csrapproving: "approves the request",
  csrcleaner: "deletes the request",
  csrsigning: "writes the status of the request: a certificate or a failure",
  "persistentvolume-expander": "writes no object, only an event",
  "resource-quota": "writes the status of the quota",
  "root-ca-publisher": "creates or updates one ConfigMap",
  "service-account": "creates the default account of the namespace",
  "service-account-token": "fills the secret, or deletes it",
  "ttl-after-finished": "deletes the job",
};

/** What a test runs by name, by the names' beginning, or because it runs all. */
const runs = (text: string, name: string): boolean =>
  text.includes("allControllers") ||
  text.includes(`"${name}"`) ||
  (/^st(art|op)-order/.test(name) && text.includes("-order/"));

describe("the controllers", () => {
  const names = controllerNames({ resources: builtinResources, gracePeriodMs: 40_000 });

  for (const name of names) {
    const file = CRASH_TESTS[name];
    it(`have ${name} crash between any two writes, or write once`, () => {
      if (file === undefined) return expect(Object.keys(ONE_WRITE)).to.include(name);
      expect(ONE_WRITE).not.to.have.property(name);
      const text = readFileSync(new URL(file, import.meta.url), "utf8");
      expect(text).to.match(/dyingAfter|crashAnywhere/);
      expect(runs(text, name), `${file} runs ${name}`).to.equal(true);
    });
  }

  it("are all that is listed here", () => {
    expect([...Object.keys(CRASH_TESTS), ...Object.keys(ONE_WRITE)].sort()).to.deep.equal([...names].sort());
  });
});
