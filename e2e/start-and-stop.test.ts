// `kctl up`, `down` and `status` as a user types them, and what they say when something is in the way.

import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describeWith } from "../testing/machine-parts.ts";
import { builtFile, KCTL } from "./cluster-under-test.ts";
import { runCommand, runOrFail } from "./command.ts";
import { freePort } from "./free-port.ts";
import { fetchText } from "./steady-client.ts";
import { makeTestImages } from "./test-images.ts";
import { eventually } from "./waiting.ts";

const kctl = (...args: string[]) => runCommand([...KCTL, ...args]);

describeWith(["linux"], "starting and stopping a cluster", () => {
  const directories: string[] = [];
  const started: string[] = [];

  async function newDirectory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "gantry-e2e-"));
    directories.push(directory);
    return directory;
  }

  async function upDetached(...flags: string[]): Promise<string> {
    const directory = await newDirectory();
    started.push(directory);
    const port = String(await freePort());
    const common = [
      "--detach",
      "--data-dir",
      directory,
      "--secure-port",
      port,
      "--runtime",
      "process",
      "--proxy",
      "userspace",
    ];
    await runOrFail([...KCTL, "up", ...common, ...flags]);
    return directory;
  }

  afterEach(async () => {
    for (const directory of started.splice(0)) await runOrFail([...KCTL, "down", "--wipe", "--data-dir", directory]);
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
  });

  it("returns from up --detach when the nodes are Ready, and tells its state", async () => {
    const directory = await upDetached("--nodes", "2");
    const nodes = await runOrFail(["kubectl", "--kubeconfig", join(directory, "kubeconfig"), "get", "nodes"]);
    expect(nodes.match(/ Ready /g)).to.have.lengthOf(2);
    const status = await kctl("status", "--data-dir", directory);
    expect(status.code).to.equal(0);
    expect(status.stdout).to.contain("answers").and.to.contain("running as process");
  });

  it("stops a cluster, says so, and starts it again with what it had", async () => {
    const directory = await upDetached();
    const kubeconfig = join(directory, "kubeconfig");
    await runOrFail([...KCTL, "--kubeconfig", kubeconfig, "create", "namespace", "kept"]);
    expect((await kctl("down", "--data-dir", directory)).stdout).to.contain("Stopped the cluster");
    const stopped = await kctl("status", "--data-dir", directory);
    expect([stopped.code, stopped.stdout]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && text.includes("not running"),
    );
    await runOrFail([...KCTL, "up", "--detach", "--data-dir", directory]);
    expect(await runOrFail([...KCTL, "--kubeconfig", kubeconfig, "get", "namespace", "kept", "-o", "name"])).to.equal(
      "namespace/kept\n",
    );
  });

  it("keeps secrets from other users of the machine", async () => {
    const directory = await upDetached();
    for (const path of ["kubeconfig", "pki/ca.key"]) {
      expect((await stat(join(directory, path))).mode & 0o077, path).to.equal(0);
    }
    for (const name of await readdir(join(directory, "kubeconfigs"))) {
      expect((await stat(join(directory, "kubeconfigs", name))).mode & 0o077, name).to.equal(0);
    }
  });

  it("runs two clusters side by side, each with its own virtual IPs", async function () {
    const clusters = [await upDetached(), await upDetached()];
    const addresses = new Set<string>();
    for (const directory of clusters) {
      await makeTestImages("process", directory);
      const kubectl = ["kubectl", "--kubeconfig", join(directory, "kubeconfig")];
      await runOrFail([...kubectl, "apply", "-f", "manifests/hello.yaml"]);
      const address = await runOrFail([...kubectl, "get", "service", "hello", "-o", "jsonpath={.spec.clusterIP}"]);
      await eventually("the service answers", () => fetchText(`http://${address}:8080/`));
      addresses.add(address);
    }
    expect(addresses.size).to.equal(2);
  });

  describe("says in one sentence what is in the way, and exits with 1, when", () => {
    async function expectRefusal(args: readonly string[], ...words: (string | RegExp)[]): Promise<void> {
      const { code, stdout, stderr } = await kctl("up", ...args);
      expect(code, stdout + stderr).to.equal(1);
      for (const word of words) expect(stderr).to.match(typeof word === "string" ? new RegExp(word) : word);
      expect(stderr).to.not.match(/^\s+at /m);
      expect(stderr.trim().split("\n")).to.have.lengthOf(1);
    }

    it("the port is taken", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const port = String((server.address() as { port: number }).port);
      await expectRefusal(
        ["--data-dir", await newDirectory(), "--secure-port", port, "--runtime", "fake"],
        port,
        "in use",
      );
      server.close();
    });

    it("the data directory cannot be written", async () => {
      const file = join(await newDirectory(), "file");
      await writeFile(file, "");
      await expectRefusal(["--data-dir", join(file, "data"), "--runtime", "fake"], file);
    });

    it("there is no Docker", async () => {
      const environment = { DOCKER_HOST: "unix:///no/docker.sock" };
      const flags = [
        "--data-dir",
        await newDirectory(),
        "--secure-port",
        String(await freePort()),
        "--runtime",
        "docker",
      ];
      const { code, stderr } = await runCommand([...KCTL, "up", ...flags], { environment });
      expect(code, stderr).to.equal(1);
      expect(stderr).to.contain("Docker").and.to.contain("/no/docker.sock");
    });

    it("etcd does not answer", async function () {
      const servers = `http://127.0.0.1:${await freePort()}`;
      const flags = [
        "--secure-port",
        String(await freePort()),
        "--store",
        "etcd",
        "--etcd-servers",
        servers,
        "--runtime",
        "fake",
      ];
      await expectRefusal(["--data-dir", await newDirectory(), ...flags], "etcd", servers);
    });

    it("the cluster runs already", async () => {
      const directory = await upDetached();
      await expectRefusal(["--data-dir", directory], "already", "kctl down");
    });

    it("a flag is unknown, naming the closest one", async () => {
      await expectFlagRefusal("--secure-prot", "--secure-port");
    });

    async function expectFlagRefusal(wrong: string, right: string): Promise<void> {
      const { code, stderr } = await kctl("up", wrong, "1");
      expect(code).to.equal(1);
      expect(stderr).to.contain(wrong).and.to.contain(right);
    }
  });
});

describe("each component as a process", () => {
  for (const name of ["apiserver", "controllers", "scheduler", "kubelet", "proxy"]) {
    it(`explains its flags: ${name}`, async () => {
      const { code, stdout } = await runCommand([process.execPath, builtFile(`${name}/main.js`), "--help"]);
      expect(code).to.equal(0);
      expect(stdout).to.contain("Usage:").and.to.contain("--help");
    });
  }

  for (const name of ["controllers", "scheduler", "kubelet", "proxy"]) {
    it(`says what is wrong with a kubeconfig that is not there: ${name}`, async () => {
      const { code, stderr } = await runCommand([
        process.execPath,
        builtFile(`${name}/main.js`),
        "--kubeconfig",
        "/no/such/file",
      ]);
      expect(code).to.equal(1);
      expect(stderr).to.contain("/no/such/file");
      expect(stderr).to.not.match(/^\s+at /m);
    });
  }
});
