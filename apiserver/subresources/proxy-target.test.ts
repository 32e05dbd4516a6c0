import { expect } from "chai";
import type { Endpoints } from "../../api/core/endpoints.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Service } from "../../api/core/service.ts";
import { StatusError } from "../../api/meta/status.ts";
import { isProxyable, parseTarget, podUrl, serviceUrl } from "./proxy-target.ts";

const outcome = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    if (error instanceof StatusError) return `${error.code}: ${error.message}`;
    throw error;
  }
};

describe("the name of what is proxied to", () => {
  const names: readonly [id: string, target: unknown][] = [
    ["web", { scheme: "http", name: "web", port: "" }],
    ["web:80", { scheme: "http", name: "web", port: "80" }],
    ["web:admin", { scheme: "http", name: "web", port: "admin" }],
    ["https:web:443", { scheme: "https", name: "web", port: "443" }],
    ["https:web:", { scheme: "https", name: "web", port: "" }],
    [":web:80", { scheme: "http", name: "web", port: "80" }],
    ["ftp:web:21", '400: invalid pod request "ftp:web:21"'],
    [":80", '400: invalid pod request ":80"'],
    ["a:b:c:d", '400: invalid pod request "a:b:c:d"'],
  ];
  for (const [id, target] of names) {
    it(`may be ${id}`, () => {
      expect(outcome(() => parseTarget(id, "pod"))).to.deep.equal(target);
    });
  }
});

describe("the addresses that may be proxied to", () => {
  const allowed = ["10.244.1.7", "192.168.0.1", "8.8.8.8", "127.64.0.1", "127.100.2.3", "fd00::1", "2001:db8::1"];
  const refused = [
    ...["127.0.0.1", "127.0.0.53", "127.1.2.3", "127.128.0.1", "0.0.0.0", "169.254.169.254", "224.0.0.1"],
    ...[
      "255.255.255.255",
      "::1",
      "::",
      "fe80::1",
      "fe80::1%eth0",
      "ff02::1",
      "::ffff:127.0.0.1",
      "::ffff:169.254.169.254",
    ],
    ...["", "localhost", "10.0.0.1.nip.io", "0x7f.1", "2130706433", "10.0.0.1:80"],
  ];
  for (const address of allowed) it(`are ${address}`, () => expect(isProxyable(address)).to.equal(true));
  for (const address of refused) it(`are not ${address || "none"}`, () => expect(isProxyable(address)).to.equal(false));
});

describe("where a pod listens", () => {
  const pod = (podIP: string, ...ports: readonly number[]) =>
    ({
      spec: { containers: [{ name: "a" }, { name: "b", ports: ports.map((containerPort) => ({ containerPort })) }] },
      status: { podIP },
    }) as unknown as Pod;
  const cases: readonly [id: string, pod: Pod, url: string][] = [
    ["p", pod("10.0.0.7", 8080, 9090), "http://10.0.0.7:8080"],
    ["p", pod("10.0.0.7"), "http://10.0.0.7"],
    ["p:99", pod("10.0.0.7", 8080), "http://10.0.0.7:99"],
    ["https:p:", pod("fd00::7", 8443), "https://[fd00::7]:8443"],
    ["p:web", pod("10.0.0.7", 8080), '400: "web" is no port number'],
    ["p:0", pod("10.0.0.7", 8080), '400: "0" is no port number'],
    ["p:65536", pod("10.0.0.7", 8080), '400: "65536" is no port number'],
    ["p", pod("169.254.169.254", 80), "400: address not allowed"],
    ["p", pod("", 80), "400: address not allowed"],
  ];
  for (const [id, of, url] of cases) {
    it(`is ${url}`, () => expect(outcome(() => podUrl(parseTarget(id, "pod"), of))).to.equal(url));
  }
});

describe("where a service is served", () => {
  const service = {
    spec: {
      ports: [
        { name: "web", port: 80 },
        { name: "admin", port: 81 },
      ],
    },
  } as unknown as Service;
  const address = (ip: string, name: string, namespace = "ns") => ({ ip, targetRef: { kind: "Pod", name, namespace } });
  const ports = [
    { name: "web", port: 8080 },
    { name: "admin", port: 8081 },
  ];
  const pods: Readonly<Record<string, string | undefined>> = { a: "10.0.0.1", b: "10.0.0.2", evil: "127.0.0.1" };
  const urlFor = (id: string, subsets: unknown, chance = 0) =>
    outcome(() =>
      serviceUrl(parseTarget(id, "service"), id, {
        service,
        endpoints: { metadata: { name: "s", namespace: "ns" }, subsets } as unknown as Endpoints,
        findPod: (name) => (pods[name] ? ({ status: { podIP: pods[name] } } as unknown as Pod) : undefined),
        chance: () => chance,
      }),
    );
  const both = [{ addresses: [address("10.0.0.1", "a"), address("10.0.0.2", "b")], ports }];

  it("is any of the addresses, at the port of that name or number", () => {
    expect(urlFor("s:web", both)).to.equal("http://10.0.0.1:8080");
    expect(urlFor("s:web", both, 0.6)).to.equal("http://10.0.0.2:8080");
    expect(urlFor("s:81", both)).to.equal("http://10.0.0.1:8081");
    expect(urlFor("https:s:admin", both)).to.equal("https://10.0.0.1:8081");
    const nameless = [{ addresses: [address("10.0.0.1", "a")], ports: [{ port: 7 }] }];
    expect(urlFor("s", nameless)).to.equal("http://10.0.0.1:7");
  });

  it("is nowhere without endpoints, or without such a port", () => {
    expect(urlFor("s:web", undefined)).to.equal('503: no endpoints available for service "s"');
    expect(urlFor("s:web", [{ notReadyAddresses: [address("10.0.0.1", "a")], ports }])).to.equal(
      '503: no endpoints available for service "s:web"',
    );
    expect(urlFor("s", both)).to.equal('503: no endpoints available for service "s"');
    expect(urlFor("s:82", both)).to.equal('503: no service port 82 found for service "s"');
  });

  it("is only where a pod of the same namespace is, whatever the endpoints say", () => {
    const refused = [
      address("10.0.0.9", "a"),
      address("10.0.0.1", "a", "other"),
      address("10.0.0.1", "gone"),
      { ip: "10.0.0.1" },
    ];
    for (const each of refused) {
      expect(urlFor("s:web", [{ addresses: [each], ports }])).to.equal(
        '503: no endpoints available for service "s:web"',
      );
    }
    expect(urlFor("s:web", [{ addresses: [address("127.0.0.1", "evil")], ports }])).to.equal(
      "400: address not allowed",
    );
  });
});
