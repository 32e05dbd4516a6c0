// What `kctl get` shows of each kind, but pods, whose own test is beside their summary.

import { expect } from "chai";
import { deployments } from "./apps/deployment.ts";
import { replicaSets } from "./apps/replica-set.ts";
import { leases } from "./coordination/lease.ts";
import { configMaps } from "./core/config-map.ts";
import { endpoints } from "./core/endpoints.ts";
import { events } from "./core/event.ts";
import { namespaces } from "./core/namespace.ts";
import { nodes } from "./core/node.ts";
import { pods } from "./core/pod.ts";
import { secrets } from "./core/secret.ts";
import { serviceAccounts } from "./core/service-account.ts";
import { services } from "./core/service.ts";
import { endpointSlices } from "./discovery/endpoint-slice.ts";
import type { KubeObject } from "./meta/object.ts";
import type { ResourceDefinition } from "./resource.ts";
import { storedObject } from "../testing/stored-object.ts";

const MINUTE_MS = 60_000;
const template = {
  metadata: { labels: { app: "a" } },
  spec: {
    containers: [
      { name: "c", image: "i:1" },
      { name: "d", image: "j" },
    ],
  },
};

/** The row of an object that is a minute old. */
function row<T extends KubeObject>(resource: ResourceDefinition<T>, fields: object): string {
  const object = storedObject(resource, { ...fields });
  return resource.columns.map((column) => column.cell(object, MINUTE_MS)).join(" | ");
}

describe("the columns", () => {
  const headings: readonly (readonly [ResourceDefinition<never>, string, string])[] = [
    [pods, "Name Ready Status Restarts Age", "IP Node Nominated_Node Readiness_Gates"],
    [deployments, "Name Ready Up-to-date Available Age", "Containers Images Selector"],
    [replicaSets, "Name Desired Current Ready Age", "Containers Images Selector"],
    [services, "Name Type Cluster-IP External-IP Port(s) Age", "Selector"],
    [nodes, "Name Status Roles Age Version", "Internal-IP External-IP OS-Image Kernel-Version Container-Runtime"],
    [endpoints, "Name Endpoints Age", ""],
    [endpointSlices, "Name AddressType Ports Endpoints Age", ""],
    [events, "Last_Seen Type Reason Object Message", "Subobject Source First_Seen Count Name"],
    [leases, "Name Holder Age", ""],
    [configMaps, "Name Data Age", ""],
    [secrets, "Name Type Data Age", ""],
    [serviceAccounts, "Name Secrets Age", ""],
    [namespaces, "Name Status Age", ""],
  ] as never;
  for (const [resource, always, wide] of headings) {
    it(`of ${resource.plural} are those of kubectl`, () => {
      const names = (priority: number) =>
        resource.columns.filter((column) => column.priority === priority).map(({ name }) => name.replace(" ", "_"));
      expect(names(0).join(" ")).to.equal(always);
      expect(names(1).join(" ")).to.equal(wide);
    });
  }
});

describe("the rows", () => {
  const addresses = (...ips: string[]) => ips.map((ip) => ({ ip }));
  const spec = {
    selector: { matchLabels: { app: "a" }, matchExpressions: [{ key: "b", operator: "Exists" }] },
    template,
  };
  const load = { loadBalancer: { ingress: [{ ip: "1.2.3.4" }, { hostname: "lb.example.com" }] } };

  const cases: readonly (readonly [string, string, string])[] = [
    [
      "a deployment",
      row(deployments, { spec: { ...spec, replicas: 3 }, status: { readyReplicas: 1, updatedReplicas: 2 } }),
      "test | 1/3 | 2 | 0 | 60s | c,d | i:1,j | app=a,b",
    ],
    [
      "a replica set",
      row(replicaSets, { spec: { ...spec, replicas: 3 }, status: { replicas: 2 } }),
      "test | 3 | 2 | 0 | 60s | c,d | i:1,j | app=a,b",
    ],
    [
      "a service",
      row(services, {
        spec: { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"], ports: [{ port: 80 }], selector: { b: "2", a: "1" } },
      }),
      "test | ClusterIP | 10.0.0.1 | <none> | 80/TCP | 60s | a=1,b=2",
    ],
    [
      "a service on the nodes",
      row(services, {
        spec: {
          type: "NodePort",
          clusterIPs: ["10.0.0.1"],
          ports: [
            { port: 80, nodePort: 30001 },
            { port: 53, protocol: "UDP" },
          ],
        },
      }),
      "test | NodePort | 10.0.0.1 | <none> | 80:30001/TCP,53/UDP | 60s | <none>",
    ],
    [
      "a load balancer that waits",
      row(services, { spec: { type: "LoadBalancer", ports: [{ port: 80 }] } }),
      "test | LoadBalancer | <none> | <pending> | 80/TCP | 60s | <none>",
    ],
    [
      "a load balancer",
      row(services, { spec: { type: "LoadBalancer", externalIPs: ["5.6.7.8"], ports: [{ port: 80 }] }, status: load }),
      "test | LoadBalancer | <none> | 1.2.3.4,lb.example.com,5.6.7.8 | 80/TCP | 60s | <none>",
    ],
    [
      "an alias",
      row(services, { spec: { type: "ExternalName", externalName: "a.example.com" } }),
      "test | ExternalName | <none> | a.example.com | <none> | 60s | <none>",
    ],
    [
      "a node",
      row(nodes, {
        metadata: { labels: { "node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": "" } },
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: "Ready", status: "True" }],
          addresses: [{ type: "InternalIP", address: "10.1.0.1" }],
          nodeInfo: { kubeletVersion: "v1.33.0", osImage: "Debian", containerRuntimeVersion: "docker://20.10" },
        },
      }),
      "test | Ready,SchedulingDisabled | control-plane,worker | 60s | v1.33.0 | 10.1.0.1 | <none> | Debian | <unknown> | docker://20.10",
    ],
    [
      "a node that is not heard of",
      row(nodes, { status: { conditions: [{ type: "Ready", status: "Unknown" }] } }),
      "test | NotReady | <none> | 60s |  | <none> | <none> | <unknown> | <unknown> | <unknown>",
    ],
    ["endpoints without any", row(endpoints, {}), "test | <none> | 60s"],
    [
      "endpoints",
      row(endpoints, {
        subsets: [{ addresses: addresses("10.0.0.1", "10.0.0.2", "fd00::1", "10.0.0.4"), ports: [{ port: 80 }] }],
      }),
      "test | 10.0.0.1:80,10.0.0.2:80,[fd00::1]:80 + 1 more... | 60s",
    ],
    [
      "an endpoint slice",
      row(endpointSlices, {
        addressType: "IPv4",
        endpoints: [{ addresses: ["10.0.0.1"] }],
        ports: [{ port: 80 }, { name: "all" }],
      }),
      "test | IPv4 | 80,all | 10.0.0.1 | 60s",
    ],
    [
      "an empty slice",
      row(endpointSlices, { addressType: "IPv4", endpoints: [] }),
      "test | IPv4 | <unset> | <unset> | 60s",
    ],
    [
      "an event of the older form",
      row(events, {
        involvedObject: { kind: "Pod", name: "p", fieldPath: "spec.containers{a}" },
        reason: "Started",
        type: "Normal",
        message: " text\n",
        source: { component: "kubelet", host: "n1" },
        firstTimestamp: "1970-01-01T00:00:10Z",
        lastTimestamp: "1970-01-01T00:00:50Z",
        count: 3,
      }),
      "10s | Normal | Started | pod/p | spec.containers{a} | kubelet, n1 | text | 50s | 3 | test",
    ],
    [
      "an event of the newer form",
      row(events, {
        involvedObject: { kind: "Node" },
        eventTime: "1970-01-01T00:00:30.000000Z",
        reportingComponent: "kubernetes.io/x",
      }),
      "30s |  |  | node |  | kubernetes.io/x |  | 30s | 1 | test",
    ],
    ["a lease", row(leases, { spec: { holderIdentity: "me" } }), "test | me | 60s"],
    ["a config map", row(configMaps, { data: { a: "", b: "" }, binaryData: { c: "" } }), "test | 3 | 60s"],
    ["a secret", row(secrets, { data: { a: "" } }), "test | Opaque | 1 | 60s"],
    ["a service account", row(serviceAccounts, {}), "test | 0 | 60s"],
    ["a namespace", row(namespaces, {}), "test | Active | 60s"],
    [
      "a pod",
      row(pods, {
        spec: { nodeName: "n1", containers: [{ name: "a" }], readinessGates: [{ conditionType: "x" }] },
        status: {
          phase: "Running",
          podIPs: [{ ip: "10.0.0.9" }],
          containerStatuses: [
            {
              name: "a",
              ready: true,
              restartCount: 1,
              state: { running: {} },
              lastState: { terminated: { finishedAt: "1970-01-01T00:00:55Z" } },
            },
          ],
        },
      }),
      "test | 1/1 | Running | 1 (5s ago) | 60s | 10.0.0.9 | n1 | <none> | 0/1",
    ],
  ];
  for (const [title, shown, expected] of cases) {
    it(`show ${title} as kubectl does`, () => {
      expect(shown).to.equal(expected);
    });
  }
});
