import { expect } from "chai";
import { preparePod, preparePodStatus, selectablePodFields } from "./pod-strategy.ts";
import { pods, type Pod } from "./pod.ts";
import { storedObject } from "../../testing/stored-object.ts";

const container = { name: "a", image: "web" };
const podOf = (fields: { spec?: object; status?: object; metadata?: object } = {}): Pod =>
  storedObject(pods, { ...fields, spec: { containers: [container], ...fields.spec } });

describe("a pod that is created", () => {
  it("is pending, in its class of service, at generation 1, whatever the client says", () => {
    const pod = preparePod(podOf({ status: { phase: "Running" }, metadata: { generation: 7 } }));
    expect(pod.status).to.deep.equal({ phase: "Pending", qosClass: "BestEffort" });
    expect(pod.metadata.generation).to.equal(1);
  });

  it("says so where gates hold it back", () => {
    const pod = preparePod(podOf({ spec: { schedulingGates: [{ name: "g" }] } }));
    expect(pod.status.conditions?.[0]).to.include({ type: "PodScheduled", reason: "SchedulingGated" });
  });

  it("takes over its own labels where its affinity asks for the same ones", () => {
    const term = { topologyKey: "zone", labelSelector: {}, matchLabelKeys: ["app"] };
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    const pod = preparePod(podOf({ spec: { affinity }, metadata: { labels: { app: "web" } } }));
    const pinned = pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.[0];
    const expected = [{ key: "app", operator: "In", values: ["web"] }];
    expect(pinned?.labelSelector?.matchExpressions).to.deep.equal(expected);
  });
});

describe("a pod with a volume from an image, which Kubernetes has switched off", () => {
  it("is made without the volume, and without what mounts it", () => {
    const volumes = [
      { name: "content", image: { reference: "site:1" } },
      { name: "data", emptyDir: {} },
    ];
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }));
    const { spec } = preparePod(podOf({ spec: { volumes, containers: [{ ...container, volumeMounts }] } }));
    expect(spec.volumes?.map(({ name }) => name)).to.deep.equal(["data"]);
    expect(spec.containers[0]?.volumeMounts?.map(({ name }) => name)).to.deep.equal(["data"]);
  });
});

describe("a pod that is updated", () => {
  const old = podOf({ status: { phase: "Running", qosClass: "Burstable" }, metadata: { generation: 3 } });

  it("keeps its status, and counts changes of its spec", () => {
    const same = preparePod(podOf({ status: { phase: "Failed" } }), old);
    expect(same.status).to.equal(old.status);
    expect(same.metadata.generation).to.equal(3);
    const changed = preparePod(podOf({ spec: { activeDeadlineSeconds: 5 } }), old);
    expect(changed.metadata.generation).to.equal(4);
  });

  it("takes its status, and nothing of the spec, through the status subresource", () => {
    const next = podOf({ spec: { nodeName: "n1" }, status: { phase: "Succeeded", podIP: "10.0.0.1" } });
    const written = preparePodStatus(next, old);
    expect(written.spec).to.equal(old.spec);
    expect(written.metadata.generation).to.equal(3);
    expect(written.status).to.deep.equal({
      phase: "Succeeded",
      qosClass: "Burstable",
      podIP: "10.0.0.1",
      podIPs: [{ ip: "10.0.0.1" }],
    });
  });
});

describe("the fields that pods are selected by", () => {
  it("are Kubernetes'", () => {
    const pod = podOf({ spec: { nodeName: "n1" }, status: { phase: "Running", podIPs: [{ ip: "10.0.0.1" }] } });
    expect(selectablePodFields(pod)).to.deep.equal({
      "spec.nodeName": "n1",
      "spec.restartPolicy": "Always",
      "spec.schedulerName": "default-scheduler",
      "spec.serviceAccountName": "",
      "spec.hostNetwork": "false",
      "status.phase": "Running",
      "status.podIP": "10.0.0.1",
      "status.nominatedNodeName": "",
    });
  });
});
