// Kinds of networking and storage, and a status for each that its subresource takes.

import type { Operations } from "./api-operations.ts";

const namespace = "test";
const condition = { reason: "E2E", message: "Set from e2e test", lastTransitionTime: "2025-01-02T03:04:05Z" };
const pathTo = (name: string) => ({
  path: "/",
  pathType: "Prefix",
  backend: { service: { name, port: { number: 80 } } },
});

export const networkOperations: readonly Operations[] = [
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    plural: "ingresses",
    namespace,
    build: () => ({ spec: { rules: [{ host: "example.com", http: { paths: [pathTo("web")] } }] } }),
    change: () => ({ spec: { defaultBackend: { service: { name: "web", port: { name: "http" } } } } }),
    status: { loadBalancer: { ingress: [{ ip: "169.1.1.1" }] } },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    plural: "ingressclasses",
    build: () => ({ spec: { controller: "example.com/controller" } }),
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    namespace,
    build: () => ({
      spec: {
        podSelector: { matchLabels: { app: "web" } },
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: "a" } } }] }],
      },
    }),
  },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    plural: "endpointslices",
    namespace,
    build: () => ({
      addressType: "IPv4",
      endpoints: [{ addresses: ["1.2.3.4", "5.6.7.8"] }],
      ports: [{ name: "http", port: 80, protocol: "TCP" }],
    }),
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "ServiceCIDR",
    plural: "servicecidrs",
    build: (index) => ({ spec: { cidrs: [`10.20${index}.0.0/16`] } }),
    status: { conditions: [{ type: "StatusUpdate", status: "True", ...condition }] },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "IPAddress",
    plural: "ipaddresses",
    build: (index) => ({
      metadata: { name: `192.168.1.${index + 1}` },
      spec: { parentRef: { resource: "services", namespace: "test", name: `service-${index}` } },
    }),
  },
  {
    apiVersion: "v1",
    kind: "Service",
    plural: "services",
    namespace,
    build: () => ({ spec: { type: "LoadBalancer", ports: [{ port: 80 }] } }),
    status: { loadBalancer: { ingress: [{ ip: "203.0.113.1", ipMode: "VIP" }] } },
  },
  {
    apiVersion: "v1",
    kind: "Endpoints",
    plural: "endpoints",
    namespace,
    build: () => ({ subsets: [{ addresses: [{ ip: "10.0.0.24" }], ports: [{ name: "http", port: 80 }] }] }),
  },
];

export const storageOperations: readonly Operations[] = [
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    plural: "storageclasses",
    build: () => ({ provisioner: "e2e-fake-provisioner", volumeBindingMode: "Immediate", reclaimPolicy: "Delete" }),
  },
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIDriver",
    plural: "csidrivers",
    build: () => ({ spec: {} }),
    change: ({ spec }) => ({ spec: { ...(spec as object), requiresRepublish: true } }),
  },
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSINode",
    plural: "csinodes",
    build: () => ({ spec: { drivers: [{ name: "e2e-driver", nodeID: "node-1", topologyKeys: ["zone"] }] } }),
  },
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIStorageCapacity",
    plural: "csistoragecapacities",
    namespace,
    build: () => ({ storageClassName: "e2e", capacity: "1Gi", nodeTopology: { matchLabels: { zone: "a" } } }),
  },
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "VolumeAttachment",
    plural: "volumeattachments",
    build: () => ({
      spec: { attacher: "e2e-test.example.com", nodeName: "n", source: { persistentVolumeName: "pv" } },
    }),
    status: { attached: true },
    statusKeepsMetadata: true,
  },
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    plural: "configmaps",
    namespace,
    build: () => ({ data: { valueName: "value" } }),
    change: () => ({ data: { valueName: "other" } }),
  },
  {
    apiVersion: "v1",
    kind: "Secret",
    plural: "secrets",
    namespace,
    build: () => ({ type: "Opaque", stringData: { key: "value" } }),
  },
];
