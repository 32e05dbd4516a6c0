// Stock kubectl's streams as it speaks them: everything over SPDY before 1.31, port-forward as SPDY inside a WebSocket
// since, and all of it over plain SPDY where it is told so, as most operators' client libraries do.

import { accessSync, constants } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { systemRandom } from "../lib/random.ts";
import { describeWith } from "../testing/machine-parts.ts";
import { runCommand, runOrFail, type CommandOptions } from "./command.ts";
import { InProcessCluster } from "./in-process-cluster.ts";
import { RunningProcess } from "./running-process.ts";
import { fetchText } from "./steady-client.ts";
import { eventually } from "./waiting.ts";

const OLD_KUBECTL = "/usr/lib/google-cloud-sdk/bin/kubectl.1.28";
const SPDY_ONLY = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false", KUBECTL_PORT_FORWARD_WEBSOCKETS: "false" };
const BIG = 4_000_000;

const script = `
  require("http").createServer((request, response) => {
    response.end(request.url === "/big" ? "x".repeat(${BIG}) : "page " + request.url);
  }).listen(8080, process.env.POD_IP);
  setInterval(() => console.log("tick"), 100);
`;
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web" },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: "main",
        image: "host",
        command: [process.execPath, "-e", script],
        env: [{ name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }],
        readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
      },
    ],
  },
};

function isThere(program: string): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

describeWith(["linux", "kubectl"], "kubectl's streams", () => {
  let cluster: InProcessCluster;
  let directory: string;

  before(async function () {
    directory = await mkdtemp(join(tmpdir(), "gantry-spdy-"));
    cluster = await InProcessCluster.start(["apiserver", "controllers", "scheduler", "kubelet"]);
    const environment = { KUBECONFIG: cluster.kubeconfigPath };
    await eventually("the pod is created", () =>
      runOrFail(["kubectl", "apply", "-f", "-"], { input: JSON.stringify(pod), environment }),
    );
    await runOrFail(["kubectl", "wait", "--for=condition=Ready", "pod/web", "--timeout=40s"], { environment });
  });
  after(async () => {
    await cluster?.remove();
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  for (const [title, program, variables] of [
    ["as the installed kubectl chooses", "kubectl", {}],
    ["of the installed kubectl, over SPDY alone", "kubectl", SPDY_ONLY],
    ["of kubectl 1.28", OLD_KUBECTL, {}],
  ] as const) {
    describe(title, function () {
      before(function () {
        if (program !== OLD_KUBECTL || isThere(program)) return;
        console.error(`SKIPPED: "${title}" needs ${program}, which this machine does not have.`);
        this.skip();
      });

      const environment = () => ({ KUBECONFIG: cluster.kubeconfigPath, ...variables });
      const kubectl = (args: readonly string[], options: CommandOptions = {}) =>
        runCommand([program, ...args], { ...options, environment: environment() });
      async function during(args: readonly string[], look: (process: RunningProcess) => Promise<void>): Promise<void> {
        const running = new RunningProcess(title, [program, ...args], environment());
        try {
          await look(running);
        } finally {
          await running.crash();
        }
      }

      it("tell apart output and errors, and how the program ended", async () => {
        const ended = await kubectl(["exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 3"]);
        expect([ended.code, ended.stdout]).to.deep.equal([3, "out\n"]);
        expect(ended.stderr).to.equal("err\ncommand terminated with exit code 3\n");
      });

      it("give the program its input up to the end", async () => {
        const input = "line\n".repeat(200_000);
        const { code, stdout } = await kubectl(["exec", "-i", "web", "--", "cat"], { input });
        expect([code, stdout === input]).to.deep.equal([0, true]);
      });

      it("copy files there and back", async () => {
        const [sent, received] = [join(directory, "sent"), join(directory, "received")];
        const there = join(directory, "there");
        const bytes = Buffer.alloc(BIG, systemRandom().bytes(60_001));
        await writeFile(sent, bytes);
        for (const files of [
          [sent, `web:${there}`],
          [`web:${there}`, received],
        ]) {
          const { code, stderr } = await kubectl(["cp", ...files]);
          expect(code, stderr).to.equal(0);
        }
        expect((await readFile(received)).equals(bytes)).to.equal(true);
        await Promise.all([sent, received, there].map((file) => rm(file)));
      });

      it("join a running container", async () => {
        await during(["attach", "web"], (attached) =>
          eventually("it is heard", () => attached.output.includes("tick\ntick\n")).then(() => undefined),
        );
      });

      it("forward a port, to several connections at a time", async () => {
        await during(["port-forward", "pod/web", ":8080"], async (forwarding) => {
          const local = await eventually("the port is there", () =>
            /Forwarding from (127.0.0.1:\d+)/.exec(forwarding.output)?.at(1),
          );
          const pages = await Promise.all(["a", "b", "big", "c"].map((page) => fetchText(`http://${local}/${page}`)));
          expect(pages.map((page) => page.length)).to.deep.equal([7, 7, BIG, 7]);
          expect(pages[3]).to.equal("page /c");
        });
      });
    });
  }

  it("say that nothing listens on a port", async () => {
    const environment = { KUBECONFIG: cluster.kubeconfigPath };
    const forwarding = new RunningProcess("port-forward", ["kubectl", "port-forward", "pod/web", ":8081"], environment);
    try {
      const local = await eventually("the port is there", () =>
        /Forwarding from (127.0.0.1:\d+)/.exec(forwarding.output)?.at(1),
      );
      await fetchText(`http://${local}/`).catch((error: Error) => error);
      await eventually("it is told", () => /error forwarding port 8081 .*ECONNREFUSED/.test(forwarding.output));
    } finally {
      await forwarding.crash();
    }
  });
});
