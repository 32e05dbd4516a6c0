import { expect } from "chai";
import { pods } from "../../api/core/pod.ts";
import { resourceQuotas } from "../../api/core/resource-quota.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { Kctl } from "../../testing/kctl.ts";

describe("kctl describe", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  before(async () => {
    cluster = await TestCluster.start();
    kctl = new Kctl(cluster);
    await cluster.addNodes(newNode("n1"));
    const spec = {
      nodeName: "n1",
      containers: [
        {
          name: "main",
          image: "app:1",
          args: ["--fast"],
          ports: [{ name: "http", containerPort: 80 }],
          env: [
            { name: "MODE", value: "fast" },
            { name: "KEY", valueFrom: { secretKeyRef: { name: "login", key: "key" } } },
            { name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          ],
          resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "1" } },
          livenessProbe: { httpGet: { path: "/ok", port: "http" } },
          volumeMounts: [{ name: "data", mountPath: "/data", readOnly: true }],
        },
      ],
      volumes: [{ name: "data", emptyDir: {} }],
    };
    await cluster.apply(newPod("web", { labels: { app: "web", tier: "front" }, spec }));
    const { uid } = (await cluster.get(pods, "default/web")).metadata;
    await cluster.setStatus(pods, "default/web", {
      phase: "Running",
      podIP: "10.0.0.9",
      podIPs: [{ ip: "10.0.0.9" }],
      hostIP: "10.0.0.1",
      startTime: "2026-01-01T00:00:00Z",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [
        {
          name: "main",
          image: "app:1",
          imageID: "sha256:1",
          containerID: "docker://c1",
          ready: true,
          restartCount: 1,
          state: { running: { startedAt: "2026-01-01T00:00:10Z" } },
          lastState: {
            terminated: {
              exitCode: 2,
              reason: "Error",
              startedAt: "2026-01-01T00:00:01Z",
              finishedAt: "2026-01-01T00:00:05Z",
            },
          },
        },
      ],
    });
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "web.1", namespace: "default" },
      involvedObject: { apiVersion: "v1", kind: "Pod", name: "web", namespace: "default", uid },
      type: "Warning",
      reason: "BackOff",
      message: "Back-off restarting\n",
      count: 3,
      firstTimestamp: "2026-01-01T00:00:00Z",
      lastTimestamp: "2026-01-01T00:01:00Z",
      source: { component: "kubelet" },
    };
    await cluster.apply(event);
    await cluster.step(90_000);
  });
  after(() => cluster.stop());

  it("describes a pod as kubectl does", async () => {
    expect(await kctl.out("describe", "pod", "web")).to.equal(`Name:         web
Namespace:    default
Priority:     0
Node:         n1/10.0.0.1
Start Time:   Thu, 01 Jan 2026 00:00:00 +0000
Labels:       app=web
              tier=front
Annotations:  <none>
Status:       Running
IP:           10.0.0.9
IPs:
  IP:  10.0.0.9
Containers:
  main:
    Container ID:  docker://c1
    Image:         app:1
    Image ID:      sha256:1
    Port:          80/TCP
    Host Port:     0/TCP
    Args:
      --fast
    State:          Running
      Started:      Thu, 01 Jan 2026 00:00:10 +0000
    Last State:     Terminated
      Reason:       Error
      Exit Code:    2
      Started:      Thu, 01 Jan 2026 00:00:01 +0000
      Finished:     Thu, 01 Jan 2026 00:00:05 +0000
    Ready:          True
    Restart Count:  1
    Limits:
      cpu:  1
    Requests:
      cpu:     500m
      memory:  1Gi
    Liveness:  http-get http://:http/ok delay=0s timeout=1s period=10s #success=1 #failure=3
    Environment:
      MODE:  fast
      KEY:   <set to the key 'key' in secret 'login'>  Optional: false
      NAME:  web (v1:metadata.name)
    Mounts:
      /data from data (ro)
Conditions:
  Type    Status
  Ready   True 
Volumes:
  data:
    Type:        EmptyDir (a temporary directory that shares a pod's lifetime)
    Medium:      
    SizeLimit:   <unset>
QoS Class:       Burstable
Node-Selectors:  <none>
Tolerations:     node.kubernetes.io/not-ready:NoExecute op=Exists for 300s
                 node.kubernetes.io/unreachable:NoExecute op=Exists for 300s
Events:
  Type     Reason   Age                From     Message
  ----     ------   ----               ----     -------
  Warning  BackOff  30s (x3 over 90s)  kubelet  Back-off restarting
`);
  });

  it("adds up what the pods of a node ask for", async () => {
    const text = await kctl.out("describe", "node", "n1");
    expect(text).to.match(/default {2,}web {2,}500m \(12%\) {2,}1 \(25%\) {2,}1Gi \(12%\) {2,}0 \(0%\)/);
    expect(text).to.match(/ {2}cpu {2,}500m \(12%\) {2,}1 \(25%\)\n {2}memory {2,}1Gi \(12%\) {2,}0 \(0%\)\n/);
  });

  it("takes the beginning of a name", async () => {
    expect(await kctl.out("describe", "pod", "we")).to.match(/^Name: +web\n/);
  });

  it("shows no secret's value", async () => {
    const stdin = "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {key: hush}\n";
    await kctl.out("apply", "-f", "-", { stdin });
    const text = await kctl.out("describe", "secret", "login");
    expect(text).to.match(/key: {2}4 bytes\n$/);
    expect(text).to.not.contain("hush").and.not.contain(Buffer.from("hush").toString("base64"));
  });

  it("shows all fields of other kinds", async () => {
    await kctl.out("create", "-f", "-", {
      stdin:
        "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: l}\nspec: {holderIdentity: me, leaseDurationSeconds: 40}\n",
    });
    const text = await kctl.out("describe", "lease", "l");
    expect(text).to.match(/Spec:\n {2}Holder Identity: +me\n {2}Lease Duration Seconds: +40\nEvents: +<none>\n$/);
    expect(text).to.match(/Metadata:\n {2}Creation Timestamp: +2026-/);
  });

  it("shows what limits a namespace", async () => {
    const quota =
      "kind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {pods: 5, memory: 1Gi}, scopes: [NotTerminating]}\n";
    const limits = "{type: Container, max: {cpu: 2}, default: {cpu: 1}}, {type: Pod, min: {memory: 1Mi}}";
    const range = `kind: LimitRange\nmetadata: {name: l}\nspec: {limits: [${limits}]}\n`;
    await kctl.out("create", "-f", "-", { stdin: `apiVersion: v1\n${quota}---\napiVersion: v1\n${range}` });
    const status = { hard: { pods: "5", memory: "1Gi" }, used: { pods: "1", memory: "104857600" } };
    await cluster.setStatus(resourceQuotas, "default/q", status);
    expect(await kctl.out("describe", "quota", "q")).to.equal(`Name:       q
Namespace:  default
Scopes:     NotTerminating
 * Counts pods that have no active deadline.
Resource  Used   Hard
--------  ----   ----
memory    100Mi  1Gi
pods      1      5
`);
    const text = await kctl.out("describe", "limits", "l");
    expect(text).to.match(
      /^Name: +l\nNamespace: +default\nType +Resource +Min +Max +Default Request +Default Limit +Max/,
    );
    expect(text).to.match(/\nContainer +cpu +- +2 +1 +1 +-\nPod +memory +1Mi +- +- +- +-\n$/);
    const namespace = await kctl.out("describe", "ns", "default");
    expect(namespace).to.match(/\n\nResource Quotas\n {2}Name: +q\n {2}Scopes: +NotTerminating\n {2}\* Counts/);
    expect(namespace).to.match(/\n\nResource Limits\n Type +Resource +Min/);
  });

  it("says that there is no such object", async () => {
    expect(await kctl.run("describe", "pod", "none")).to.deep.equal({
      code: 1,
      stdout: "",
      stderr: 'Error from server (NotFound): pods "none" not found\n',
    });
  });
});
