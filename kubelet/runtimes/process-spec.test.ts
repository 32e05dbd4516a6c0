import { expect } from "chai";
import { buildProcess, describeUnsupported, mountVariable } from "./process-spec.ts";
import type { ContainerSpec, SandboxSpec } from "./runtime.ts";

const spec = (changes: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name: "main",
  attempt: 0,
  image: "web:1",
  env: [],
  mounts: [],
  ...changes,
});
const pod = { hostname: "web-1", ip: "127.64.0.1" };

describe("a container as a plain process", () => {
  const image = { entrypoint: ["run"], command: ["default"] };
  const commands: [string, Partial<ContainerSpec>, readonly string[]][] = [
    ["the image's entry point and arguments", {}, ["run", "default"]],
    ["the image's entry point with the pod's arguments", { args: ["a"] }, ["run", "a"]],
    ["the pod's command without the image's arguments", { command: ["own"] }, ["own"]],
    ["the pod's command and arguments", { command: ["own"], args: ["a"] }, ["own", "a"]],
  ];
  for (const [what, changes, expected] of commands) {
    it(`runs ${what}`, () => expect(buildProcess(spec(changes), image, pod).command).to.deep.equal(expected));
  }

  it("runs the machine's own files in the place of the image's", () => {
    const files = { "/usr/local/bin/node": "/opt/node/bin/node", "/app/server.js": "/src/server.js" };
    const built = buildProcess(spec({ args: ["/app/server.js"] }), { entrypoint: ["/usr/local/bin/node"], files }, pod);
    expect(built.command).to.deep.equal(["/opt/node/bin/node", "/src/server.js"]);
  });

  it("is told the pod's address and name, the image's variables, and its own, which win", () => {
    const env = [
      { name: "A", value: "pod" },
      { name: "HOME", value: "/root" },
    ];
    const built = buildProcess(spec({ env }), { env: { A: "image", B: "image" } }, pod);
    expect(built.env).to.include({ POD_IP: "127.64.0.1", HOSTNAME: "web-1", A: "pod", B: "image", HOME: "/root" });
    expect(buildProcess(spec(), {}, { hostname: "web-1" }).env).not.to.have.property("POD_IP");
  });

  it("finds its volumes through variables", () => {
    expect(mountVariable("/etc/my-app/conf.d/")).to.equal("MOUNT_ETC_MY_APP_CONF_D");
    const mounts = [{ hostPath: "/var/lib/volumes/1", containerPath: "/data" }];
    expect(buildProcess(spec({ mounts }), {}, pod).env).to.include({ MOUNT_DATA: "/var/lib/volumes/1" });
  });

  const unsupported: [string, Partial<ContainerSpec>, Partial<SandboxSpec>, RegExp | undefined][] = [
    ["nothing special", {}, {}, undefined],
    ["a volume", { mounts: [{ hostPath: "/h", containerPath: "/data" }] }, {}, /volume is not at \/data.*\$MOUNT_DATA/],
    ["what every pod has", { mounts: [{ hostPath: "/h", containerPath: "/dev/termination-log" }] }, {}, undefined],
    ["requests alone", { resources: { cpuMillisRequest: 100 } }, {}, undefined],
    ["a limit", { resources: { memoryBytesLimit: 1 } }, {}, /limits are not enforced/],
    ["a user", { security: { user: 0 } }, {}, /security context is ignored/],
    ["a terminal", { tty: true }, {}, /no terminal/],
    ["host ports", {}, { portMappings: [{ protocol: "TCP", containerPort: 1, hostPort: 1 }] }, /host ports/],
    ["host aliases", {}, { hostAliases: [{ ip: "10.0.0.1", hostnames: ["a"] }] }, /host aliases/],
    ["sysctls", {}, { sysctls: { a: "1" } }, /sysctls/],
  ];
  for (const [what, container, sandbox, expected] of unsupported) {
    it(`${expected ? "says that it lacks" : "has nothing to say about"} ${what}`, () => {
      const said = describeUnsupported(spec(container), { hostname: "web-1", ...sandbox });
      expect(said).to.have.length(expected ? 1 : 0);
      if (expected) expect(said[0]).to.match(expected);
    });
  }
});
