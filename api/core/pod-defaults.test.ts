import { expect } from "chai";
import { pods, type Pod } from "./pod.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { deployments } from "../apps/deployment.ts";

const podOf = (spec: object): Pod => storedObject(pods, { spec });
const container = { name: "a", image: "web:1.2" };

describe("the defaults of a pod", () => {
  it("are Kubernetes'", () => {
    const { spec } = podOf({ containers: [container] });
    expect(spec).to.deep.equal({
      containers: [
        {
          ...container,
          resources: {},
          imagePullPolicy: "IfNotPresent",
          terminationMessagePath: "/dev/termination-log",
          terminationMessagePolicy: "File",
        },
      ],
      restartPolicy: "Always",
      dnsPolicy: "ClusterFirst",
      schedulerName: "default-scheduler",
      terminationGracePeriodSeconds: 30,
      securityContext: {},
      enableServiceLinks: true,
    });
  });

  const images: readonly (readonly [string, string])[] = [
    ["web", "Always"],
    ["web:latest", "Always"],
    ["localhost:5000/web", "Always"],
    ["localhost:5000/web:1", "IfNotPresent"],
    ["web@sha256:0123", "IfNotPresent"],
  ];
  for (const [image, policy] of images) {
    it(`pull ${image} ${policy}`, () => {
      expect(podOf({ containers: [{ name: "a", image }] }).spec.containers[0]?.imagePullPolicy).to.equal(policy);
    });
  }

  it("fill in probes, where zero counts as unset", () => {
    const probe = { httpGet: { port: 80 }, periodSeconds: 0, initialDelaySeconds: 0 };
    const { spec } = podOf({ containers: [{ ...container, livenessProbe: probe }] });
    expect(spec.containers[0]?.livenessProbe).to.deep.equal({
      httpGet: { port: 80, path: "/", scheme: "HTTP" },
      initialDelaySeconds: 0,
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    });
  });

  it("keep a zero that means something", () => {
    const spec = { containers: [container], terminationGracePeriodSeconds: 0, enableServiceLinks: false };
    expect(podOf(spec).spec).to.include({ terminationGracePeriodSeconds: 0, enableServiceLinks: false });
  });

  it("request what is limited, in pods and not in templates", () => {
    const resources = { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m" } };
    const spec = { containers: [{ ...container, resources }] };
    expect(podOf(spec).spec.containers[0]?.resources.requests).to.deep.equal({ cpu: "500m", memory: "1Gi" });
    const template = storedObject(deployments, { spec: { selector: {}, template: { spec } } }).spec.template;
    expect(template.spec.containers[0]?.resources.requests).to.deep.equal({ cpu: "500m" });
    expect(template.spec).to.not.have.property("enableServiceLinks");
  });

  it("open a container's ports on the host where the pod is on its network", () => {
    const spec = { hostNetwork: true, containers: [{ ...container, ports: [{ containerPort: 80 }] }] };
    const expected = [{ containerPort: 80, hostPort: 80, protocol: "TCP" }];
    expect(podOf(spec).spec.containers[0]?.ports).to.deep.equal(expected);
  });

  it("give volumes their modes, and an empty directory where no source is named", () => {
    const volumes = [
      { name: "a" },
      { name: "b", secret: { secretName: "s" } },
      { name: "c", configMap: { name: "m", defaultMode: 0 } },
      { name: "d", hostPath: { path: "/x" } },
      { name: "e", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
    ];
    expect(podOf({ containers: [container], volumes }).spec.volumes).to.deep.equal([
      { name: "a", emptyDir: {} },
      { name: "b", secret: { secretName: "s", defaultMode: 420 } },
      { name: "c", configMap: { name: "m", defaultMode: 0 } },
      { name: "d", hostPath: { path: "/x", type: "" } },
      {
        name: "e",
        projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: "token", expirationSeconds: 3600 } }] },
      },
    ]);
  });

  it("know references to fields by their version", () => {
    const env = [{ name: "A", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }];
    const [variable] = podOf({ containers: [{ ...container, env }] }).spec.containers[0]?.env ?? [];
    expect(variable?.valueFrom?.fieldRef?.apiVersion).to.equal("v1");
  });

  it("take the service account's older name for the newer one", () => {
    const { spec } = podOf({ containers: [container], serviceAccount: "robot" });
    expect(spec).to.include({ serviceAccount: "robot", serviceAccountName: "robot" });
  });
});
