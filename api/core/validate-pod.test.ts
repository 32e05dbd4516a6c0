import { expect } from "chai";
import { pods, type Pod, type PodSpec } from "./pod.ts";
import { validatePod } from "./validate-pod.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { FieldError } from "../schema/field-error.ts";

const container = { name: "a", image: "web" };
const podOf = (spec: object, metadata: object = {}): Pod => storedObject(pods, { metadata, spec });
const withContainer = (fields: object, spec: object = {}): Pod =>
  podOf({ containers: [{ ...container, ...fields }], ...spec });
const withSpec = (fields: object): Pod => podOf({ containers: [container], ...fields });
const texts = (errors: readonly FieldError[]) => errors.map(({ path, message }) => `${path}: ${message}`);
const C = "spec.containers[0]";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

describe("the validation of a pod", () => {
  it("accepts a pod that uses most of what there is", () => {
    const volumes = [
      { name: "data" },
      { name: "config", configMap: { name: "m", items: [{ key: "k", path: "a/b" }] } },
      { name: "info", downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
      { name: "token", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
    ];
    const full = {
      ports: [{ name: "http", containerPort: 80, hostPort: 8080 }],
      env: [
        { name: "A", value: "b" },
        { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } },
        { name: "LABEL", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app.io/name']" } } },
      ],
      envFrom: [{ prefix: "P_", configMapRef: { name: "m" } }],
      volumeMounts: [{ name: "data", mountPath: "/data", subPath: "a/b" }],
      resources: { requests: { cpu: "100m" }, limits: { cpu: "1", "example.com/gpu": "1" } },
      livenessProbe: { httpGet: { port: "http" } },
      readinessProbe: { exec: { command: ["true"] }, successThreshold: 2 },
      lifecycle: { preStop: { sleep: { seconds: 5 } } },
      securityContext: { runAsUser: 1000, allowPrivilegeEscalation: false },
    };
    const spec = {
      volumes,
      initContainers: [
        { name: "i", image: "web" },
        { name: "s", image: "web", restartPolicy: "Always", startupProbe: { tcpSocket: { port: 1 } } },
      ],
      tolerations: [{ operator: "Exists" }, { key: "k", operator: "Equal", value: "v", effect: "NoExecute" }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["n1"] }] }],
          },
        },
      },
      dnsPolicy: "None",
      dnsConfig: { nameservers: ["10.0.0.10"], searches: ["svc.cluster.local."] },
    };
    expect(texts(validatePod(withContainer(full, spec)))).to.deep.equal([]);
  });

  const cases: readonly (readonly [string, Pod, readonly string[]])[] = [
    [
      "a missing name",
      podOf({ containers: [container] }, { name: "" }),
      ["metadata.name: Required value: name or generateName is required"],
    ],
    ["no container", podOf({ containers: [] }), ["spec.containers: Required value"]],
    ["an empty image", withContainer({ image: "" }), [`${C}.image: Required value`]],
    [
      "space around an image",
      withContainer({ image: "web " }),
      [`${C}.image: Invalid value: "web ": must not have leading or trailing whitespace`],
    ],
    ["a container's bad name", withContainer({ name: "A" }), [`${C}.name: Invalid value: "A": ${LABEL_RULE}`]],
    [
      "two containers of one name, across the sorts",
      podOf({ containers: [container, container], initContainers: [container] }),
      [`spec.containers[1].name: Duplicate value: "a"`, `spec.initContainers[0].name: Duplicate value: "a"`],
    ],
    [
      "ports out of range and two of one name",
      withContainer({
        ports: [
          { name: "p", containerPort: 0 },
          { name: "p", containerPort: 70000 },
        ],
      }),
      [
        `${C}.ports[0].containerPort: Required value`,
        `${C}.ports[1].name: Duplicate value: "p"`,
        `${C}.ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive`,
      ],
    ],
    [
      "a port of the host that is taken twice",
      podOf({
        containers: ["a", "b"].map((name) => ({ name, image: "x", ports: [{ containerPort: 1, hostPort: 5 }] })),
      }),
      [`spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//5"`],
    ],
    [
      "a port that differs from the host's on the host's network",
      withContainer({ ports: [{ containerPort: 80, hostPort: 81 }] }, { hostNetwork: true }),
      [`${C}.ports[0].hostPort: Invalid value: 81: must match \`containerPort\` when \`hostNetwork\` is true`],
    ],
    [
      "a variable with both a value and a source",
      withContainer({ env: [{ name: "A", value: "b", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] }),
      [`${C}.env[0].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`],
    ],
    [
      "a variable from a field that does not exist",
      withContainer({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.wrong" } } }] }),
      [
        `${C}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.wrong": error converting fieldPath: field label not supported: spec.wrong`,
      ],
    ],
    [
      "a mount of an unknown volume, and two at one place",
      withContainer(
        {
          volumeMounts: [
            { name: "x", mountPath: "/m" },
            { name: "v", mountPath: "/m" },
          ],
        },
        { volumes: [{ name: "v" }] },
      ),
      [
        `${C}.volumeMounts[0].name: Not found: "x"`,
        `${C}.volumeMounts[1].mountPath: Invalid value: "/m": must be unique`,
      ],
    ],
    [
      "a sub-path that leads out of the volume",
      withContainer({ volumeMounts: [{ name: "v", mountPath: "/m", subPath: "../x" }] }, { volumes: [{ name: "v" }] }),
      [`${C}.volumeMounts[0].subPath: Invalid value: "../x": must not contain '..'`],
    ],
    [
      "a request above its limit",
      withContainer({ resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }),
      [`${C}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`],
    ],
    [
      "a device requested without a limit",
      withContainer({ resources: { requests: { "example.com/gpu": "1" } } }),
      [`${C}.resources.limits[example.com/gpu]: Required value: Limit must be set for non overcommitable resources`],
    ],
    [
      "a negative amount and half a device",
      withContainer({ resources: { limits: { cpu: "-1", "example.com/gpu": "500m" }, requests: { cpu: "-1" } } }),
      [
        `${C}.resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0`,
        `${C}.resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer`,
        `${C}.resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0`,
        `${C}.resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer`,
      ],
    ],
    [
      "an unknown resource",
      withContainer({ resources: { requests: { foo: "1" } } }),
      [
        `${C}.resources.requests[foo]: Invalid value: "foo": must be a standard resource type or fully qualified`,
        `${C}.resources.requests[foo]: Invalid value: "foo": must be a standard resource for containers`,
      ],
    ],
    [
      "a probe that asks nothing, and one that asks twice",
      withContainer({ livenessProbe: {}, startupProbe: { exec: { command: ["a"] }, tcpSocket: { port: 1 } } }),
      [
        `${C}.livenessProbe: Required value: must specify a handler type`,
        `${C}.startupProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`,
      ],
    ],
    [
      "a liveness probe that wants two successes",
      withContainer({ livenessProbe: { exec: { command: ["a"] }, successThreshold: 2 } }),
      [`${C}.livenessProbe.successThreshold: Invalid value: 2: must be 1`],
    ],
    [
      "a probe of a container that runs to its end",
      withSpec({ initContainers: [{ name: "i", image: "x", readinessProbe: { tcpSocket: { port: 1 } } }] }),
      [
        "spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
      ],
    ],
    [
      "a container that promises both more and less rights",
      withContainer({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
      [
        `${C}.securityContext.allowPrivilegeEscalation: Invalid value: false: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
      ],
    ],
    [
      "a volume of two sorts",
      withSpec({ volumes: [{ name: "v", emptyDir: {}, hostPath: { path: "/x/../y" } }] }),
      [
        "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
        `spec.volumes[0].hostPath.path: Invalid value: "/x/../y": must not contain '..'`,
      ],
    ],
    [
      "a toleration of everything that names a value",
      withSpec({ tolerations: [{ key: "k", tolerationSeconds: 5 }, {}] }),
      [
        `spec.tolerations[0].effect: Invalid value: "": effect must be 'NoExecute' when \`tolerationSeconds\` is set`,
        `spec.tolerations[1].operator: Invalid value: "": operator must be Exists when \`key\` is empty, which means "match all values and all keys"`,
      ],
    ],
    [
      "spread constraints that make no sense",
      withSpec({
        topologySpreadConstraints: [
          { maxSkew: 0, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" },
          { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" },
        ],
      }),
      [
        "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
        `spec.topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"`,
      ],
    ],
    [
      "an affinity without terms",
      withSpec({
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
      }),
      [
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term",
      ],
    ],
    [
      "a name server that is none",
      withSpec({ dnsPolicy: "None" }),
      ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"],
    ],
    [
      "a deadline of no time",
      withSpec({ activeDeadlineSeconds: 0 }),
      ["spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"],
    ],
  ];
  for (const [title, pod, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(texts(validatePod(pod))).to.deep.equal(expected);
    });
  }
});

describe("the validation of a pod's change", () => {
  const change = (next: object, old: object = {}) => texts(validatePod(withSpec(next), withSpec(old)));

  it("accepts new images, a sooner deadline and more tolerations", () => {
    const next = {
      containers: [{ ...container, image: "other:1", imagePullPolicy: "Always" }],
      activeDeadlineSeconds: 5,
      tolerations: [{ key: "a", operator: "Exists" }],
    };
    expect(change(next, { activeDeadlineSeconds: 9 })).to.deep.equal([]);
  });

  const cases: readonly (readonly [string, Partial<PodSpec> | object, object, RegExp])[] = [
    [
      "a container more",
      { containers: [container, { ...container, name: "b" }] },
      {},
      /may not add or remove containers/,
    ],
    [
      "another node",
      { nodeName: "n2" },
      { nodeName: "n1" },
      /^spec: Forbidden: pod updates may not change.*\nchanged: spec.nodeName$/,
    ],
    ["another command", { containers: [{ ...container, command: ["x"] }] }, {}, /changed: spec.containers$/],
    [
      "a later deadline",
      { activeDeadlineSeconds: 9 },
      { activeDeadlineSeconds: 5 },
      /must be less than or equal to previous/,
    ],
    [
      "a toleration less",
      {},
      { tolerations: [{ key: "a", operator: "Exists" }] },
      /existing toleration can not be modified/,
    ],
    ["a gate more", { schedulingGates: [{ name: "g" }] }, {}, /found new scheduling gate 'g'/],
  ];
  for (const [title, next, old, expected] of cases) {
    it(`refuses ${title}`, () => {
      const errors = change(next, old);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.match(expected);
    });
  }
});

describe("the validation of mirrors", () => {
  const pod = (mirror: string | undefined, nodeName?: string) => {
    const plain = withSpec({ nodeName });
    const annotations = mirror === undefined ? undefined : { "kubernetes.io/config.mirror": mirror };
    return { ...plain, metadata: { ...plain.metadata, annotations } };
  };
  const AT = "metadata.annotations[kubernetes.io/config.mirror]";

  it("wants their node", () => {
    expect(texts(validatePod(pod("h", "n1")))).to.deep.equal([]);
    expect(texts(validatePod(pod("h")))).to.deep.equal([
      `${AT}: Invalid value: "h": must set spec.nodeName if mirror pod annotation is set`,
    ]);
  });

  it("lets no pod become one, or another, or none", () => {
    const change = (next: string | undefined, old: string | undefined) =>
      texts(validatePod(pod(next, "n1"), pod(old, "n1")));
    expect(change("h", "h")).to.deep.equal([]);
    expect(change("h", undefined)).to.deep.equal([`${AT}: Forbidden: may not add mirror pod annotation`]);
    for (const next of ["other", undefined]) {
      expect(change(next, "h")).to.deep.equal([`${AT}: Forbidden: may not remove or update mirror pod annotation`]);
    }
  });
});
