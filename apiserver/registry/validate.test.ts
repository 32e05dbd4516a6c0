import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const CORE = "/api/v1/namespaces/default";
const APPS = "/apis/apps/v1/namespaces/default";
const UNMATCHED = "Invalid value: null: `selector` does not match template `labels`";
const NO_PORT = "Invalid value: 0: must be between 1 and 65535, inclusive";

type Case = readonly [title: string, path: string, spec: object | undefined, causes: readonly string[]];

const CASES: readonly Case[] = [
  [
    "a deployment",
    `${APPS}/deployments`,
    undefined,
    [
      "spec.selector: Required value",
      `spec.template.metadata.labels: ${UNMATCHED}`,
      "spec.template.spec.containers: Required value",
    ],
  ],
  [
    "a daemon set, whose selector may be missing",
    `${APPS}/daemonsets`,
    undefined,
    [`spec.template.metadata.labels: ${UNMATCHED}`, "spec.template.spec.containers: Required value"],
  ],
  [
    "a job",
    "/apis/batch/v1/namespaces/default/jobs",
    undefined,
    [
      "spec.template.spec.containers: Required value",
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
  ],
  [
    "a cron job",
    "/apis/batch/v1/namespaces/default/cronjobs",
    undefined,
    [
      "spec.schedule: Required value",
      "spec.jobTemplate.spec.template.spec.containers: Required value",
      'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
  ],
  ["a service", `${CORE}/services`, undefined, ["spec.ports: Required value"]],
  [
    "a service with ports",
    `${CORE}/services`,
    { ports: [{ name: "a" }] },
    [`spec.ports[0].port: ${NO_PORT}`, `spec.ports[0].targetPort: ${NO_PORT}`],
  ],
  ["a pod", `${CORE}/pods`, undefined, ["spec.containers: Required value"]],
  [
    "a pod with everything else wrong, too",
    `${CORE}/pods`,
    {
      containers: [{ image: "i", ports: [{}], env: [{}] }],
      volumes: [{ emptyDir: {} }],
      tolerations: [{ operator: "Near" }],
      dnsPolicy: "Mine",
      activeDeadlineSeconds: 0,
    },
    [
      "spec.volumes[0].name: Required value",
      "spec.containers[0].name: Required value",
      "spec.containers[0].ports[0].containerPort: Required value",
      "spec.containers[0].env[0].name: Required value",
      'spec.tolerations[0].operator: Invalid value: "Near": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      'spec.tolerations[0].operator: Unsupported value: "Near": supported values: "Equal", "Exists"',
      "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
      'spec.dnsPolicy: Unsupported value: "Mine": supported values: "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"',
    ],
  ],
  [
    "an ingress",
    "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
    undefined,
    ["spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"],
  ],
  [
    "an autoscaler",
    "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
    undefined,
    [
      "spec.maxReplicas: Invalid value: 0: must be greater than 0",
      "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`",
      "spec.scaleTargetRef.kind: Required value",
      "spec.scaleTargetRef.name: Required value",
    ],
  ],
];

const TAKEN: readonly (readonly [title: string, path: string])[] = [
  ["a network policy, which then is about all pods", "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies"],
  ["a priority class, whose value then is 0", "/apis/scheduling.k8s.io/v1/priorityclasses"],
  ["a CSI node", "/apis/storage.k8s.io/v1/csinodes"],
  ["a range of limits", `${CORE}/limitranges`],
];

describe("what is missing from new objects", () => {
  let api: ApiHarness;
  before(async () => {
    api = await ApiHarness.start();
  });
  after(() => api.stop());

  for (const [title, path, spec, causes] of CASES) {
    it(`is reported together with what is wrong, in Kubernetes' order: ${title}`, async () => {
      const { code, data } = await api.call("POST", path, { body: { metadata: { name: "x" }, spec } });
      expect(code).to.equal(422);
      expect(data.details?.causes?.map(({ field, message }) => `${field}: ${message}`)).to.deep.equal(causes);
    });
  }

  for (const [title, path] of TAKEN) {
    it(`need not be there: ${title}`, async () => {
      const { code } = await api.call("POST", path, { body: { metadata: { name: "x" } } });
      expect(code).to.equal(201);
    });
  }

  it("are told up to a bound where there are thousands of mistakes, so that the answer stays small", async () => {
    const labels = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`-${index}`, "v"]));
    const { code, data } = await api.call("POST", `${CORE}/configmaps`, { body: { metadata: { name: "x", labels } } });
    expect(code).to.equal(422);
    expect(data.details?.causes).to.have.length(1000);
    expect(data.message).to.match(/, there are more errors than these 1000\]$/);
  });
});
