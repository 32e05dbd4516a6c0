// The pod that load is made of: small, and like all others of its sort but for its name.

export interface LoadPodOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly cpu?: string;
  /** Further fields of the spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

export const loadPod = (name: string, { labels = { app: "load" }, cpu = "10m", spec = {} }: LoadPodOptions = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", labels },
  spec: {
    automountServiceAccountToken: false,
    containers: [
      {
        name: "main",
        image: "busybox:local",
        command: ["sleep", "3600"],
        resources: { requests: { cpu, memory: "16Mi" } },
        ports: [{ containerPort: 8080 }],
      },
    ],
    ...spec,
  },
});

/** A node of 32 cores, of one of ten zones. */
export const loadNode = (index: number) => {
  const name = `node-${index}`;
  const amounts = { cpu: "32", memory: "256Gi", "ephemeral-storage": "500Gi", pods: "110" };
  const labels = { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": `zone-${index % 10}` };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    spec: {},
    status: { capacity: amounts, allocatable: amounts, conditions: [{ type: "Ready", status: "True" }] },
  };
};
