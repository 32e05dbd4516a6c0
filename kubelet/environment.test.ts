import { expect } from "chai";
import type { ConfigMap } from "../api/core/config-map.ts";
import type { Container } from "../api/core/container.ts";
import type { Secret } from "../api/core/secret.ts";
import type { Service } from "../api/core/service.ts";
import { asStored, newService } from "../testing/builders.ts";
import { container, podOf } from "../testing/pod-states.ts";
import { buildEnvironment } from "./environment.ts";
import { reasonOf } from "./step-error.ts";

const metadata = { namespace: "default", name: "colors" };
const colors = asStored<ConfigMap>({ metadata, data: { wall: "red", "door.frame": "blue" } } as never);
const keys = asStored<Secret>({ metadata: { ...metadata, name: "keys" }, data: { token: "aHVzaA==" } } as never);
const web = asStored<Service>(newService("my-web", { spec: { clusterIP: "10.96.0.9" } }));

function environmentOf(more: Partial<Container>, services: readonly Service[] = []): Record<string, string> {
  const main = container("main", more);
  const pod = podOf({ enableServiceLinks: true, containers: [main] }, { metadata: { labels: { tier: "front" } } });
  const facts = {
    podIP: "10.244.0.2",
    hostIPs: ["192.168.0.1"],
    nodeName: "n1",
    allocatable: { cpu: "4", memory: "8Gi" },
  };
  const found = buildEnvironment(pod, main, {
    services,
    facts,
    configMap: (name) => (name === "colors" ? colors : undefined),
    secret: (name) => (name === "keys" ? keys : undefined),
  });
  return Object.fromEntries(found);
}

const from = (valueFrom: object) => ({ env: [{ name: "V", valueFrom }] });
const limited = { resources: { limits: { cpu: "250m", memory: "64Mi" }, requests: { memory: "33554433" } } };

describe("a container's environment", () => {
  for (const [title, more, expected] of [
    ["a plain value", { env: [{ name: "V", value: "x" }] }, { V: "x" }],
    [
      "a reference to an earlier variable",
      {
        env: [
          { name: "A", value: "1" },
          { name: "V", value: "$(A)-$(B)-$$(A)" },
        ],
      },
      { A: "1", V: "1-$(B)-$(A)" },
    ],
    ["a field of the pod", from({ fieldRef: { fieldPath: "metadata.name" } }), { V: "web" }],
    ["a label", from({ fieldRef: { fieldPath: "metadata.labels['tier']" } }), { V: "front" }],
    ["the pod's address", from({ fieldRef: { fieldPath: "status.podIP" } }), { V: "10.244.0.2" }],
    ["the node's name", from({ fieldRef: { fieldPath: "spec.nodeName" } }), { V: "n1" }],
    ["a key of a ConfigMap", from({ configMapKeyRef: { name: "colors", key: "wall" } }), { V: "red" }],
    ["a key of a Secret", from({ secretKeyRef: { name: "keys", key: "token" } }), { V: "hush" }],
    [
      "nothing for an optional object that is missing",
      from({ secretKeyRef: { name: "no", key: "k", optional: true } }),
      {},
    ],
    [
      "nothing for an optional key that is missing",
      from({ configMapKeyRef: { name: "colors", key: "k", optional: true } }),
      {},
    ],
    [
      "a limit in whole CPUs, rounded up",
      { ...limited, ...from({ resourceFieldRef: { resource: "limits.cpu" } }) },
      { V: "1" },
    ],
    [
      "a limit in millis",
      { ...limited, ...from({ resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } }) },
      { V: "250" },
    ],
    [
      "a request in mebibytes, rounded up",
      { ...limited, ...from({ resourceFieldRef: { resource: "requests.memory", divisor: "1Mi" } }) },
      { V: "33" },
    ],
    ["what the node has where there is no limit", from({ resourceFieldRef: { resource: "limits.cpu" } }), { V: "4" }],
    [
      "all keys of a ConfigMap, with a prefix",
      { envFrom: [{ prefix: "C_", configMapRef: { name: "colors" } }] },
      { C_wall: "red", "C_door.frame": "blue" },
    ],
    [
      "env over envFrom",
      { envFrom: [{ configMapRef: { name: "colors" } }], env: [{ name: "wall", value: "x" }] },
      { wall: "x", "door.frame": "blue" },
    ],
  ] as const) {
    it(`has ${title}`, () => {
      expect(environmentOf(more)).to.deep.equal(expected);
    });
  }

  for (const [more, message] of [
    [from({ configMapKeyRef: { name: "no", key: "k" } }), 'configmap "no" not found'],
    [from({ configMapKeyRef: { name: "colors", key: "k" } }), "couldn't find key k in ConfigMap default/colors"],
    [from({ secretKeyRef: { name: "no", key: "k" } }), 'secret "no" not found'],
    [
      from({ secretKeyRef: { name: "keys", key: "constructor" } }),
      "couldn't find key constructor in Secret default/keys",
    ],
    [{ envFrom: [{ secretRef: { name: "no" } }] }, 'secret "no" not found'],
    [from({ fieldRef: { fieldPath: "status.phase" } }), "unsupported fieldPath: status.phase"],
  ] as const) {
    it(`cannot be made: ${message}`, () => {
      try {
        environmentOf(more);
        expect.fail("it was made");
      } catch (error) {
        expect(reasonOf(error)).to.equal("CreateContainerConfigError");
        expect((error as Error).message).to.equal(message);
      }
    });
  }

  it("tells of the services of the namespace, named as Kubernetes names them", () => {
    const other = asStored<Service>(newService("other", { namespace: "else", spec: { clusterIP: "10.96.0.10" } }));
    const headless = asStored<Service>(newService("headless", { spec: { clusterIP: "None" } }));
    expect(environmentOf({}, [web, other, headless])).to.deep.equal({
      MY_WEB_SERVICE_HOST: "10.96.0.9",
      MY_WEB_SERVICE_PORT: "80",
      MY_WEB_PORT: "tcp://10.96.0.9:80",
      MY_WEB_PORT_80_TCP: "tcp://10.96.0.9:80",
      MY_WEB_PORT_80_TCP_PROTO: "tcp",
      MY_WEB_PORT_80_TCP_PORT: "80",
      MY_WEB_PORT_80_TCP_ADDR: "10.96.0.9",
    });
  });
});
