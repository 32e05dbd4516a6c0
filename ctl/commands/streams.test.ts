import { expect } from "chai";
import type { Handler, HttpRequest } from "../../lib/http.ts";
import { acceptChannels, channelNumbers, channelProtocols, type StreamChannels } from "../../lib/websocket.ts";
import { inProcessTransport } from "../../client/transport.ts";
import { ApiHarness } from "../../testing/api-harness.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { Kctl } from "../../testing/kctl.ts";

const ADMIN = { username: "admin", groups: ["system:masters"] };
const PODS = "/api/v1/namespaces/default/pods";

/** What a kubelet runs for exec and attach: gives back its input, and ends as the command says. */
async function runProgram(channels: StreamChannels, { query }: HttpRequest): Promise<void> {
  const [program, argument = "0"] = query.getAll("command");
  if (program === "vanish") return channels.close();
  if (query.get("input")) {
    for await (const { channel, data } of channels.messages) {
      if (channel !== channelNumbers.stdin) continue;
      if (!data) break;
      await channels.send(channelNumbers.stdout, data);
    }
  }
  await channels.send(channelNumbers.stdout, Buffer.from(`${program ?? "attached"}\n`));
  await channels.send(channelNumbers.stderr, Buffer.from("oops\n"));
  const causes = [{ reason: "ExitCode", message: argument }];
  const failure = { status: "Failure", reason: "NonZeroExitCode", details: { causes } };
  await channels.send(
    channelNumbers.error,
    Buffer.from(JSON.stringify(argument === "0" ? { status: "Success" } : failure)),
  );
  channels.close();
}

const fakeKubelet: Handler = (request) => {
  if (request.path.startsWith("/containerLogs/")) {
    const [, , , pod, container] = request.path.split("/");
    const text = `${pod}/${container} ${request.query.toString()}\nlast`;
    return Promise.resolve({ status: 200, headers: {}, body: { kind: "bytes", bytes: Buffer.from(text) } });
  }
  const serve = (channels: StreamChannels) => void runProgram(channels, request);
  return Promise.resolve(acceptChannels(request, { protocols: channelProtocols, serve }));
};

describe("kctl logs, exec and attach", () => {
  let harness: ApiHarness;
  let kctl: Kctl;
  before(async () => {
    harness = await ApiHarness.start({ nodeHandler: () => fakeKubelet });
    kctl = new Kctl({ clock: harness.clock, transport: inProcessTransport(harness.server.handle, ADMIN) });
    await harness.create("/api/v1/nodes", newNode("n1"));
    const containers = [
      { name: "main", image: "i", resources: {} },
      { name: "side", image: "i", resources: {} },
    ];
    const labels = { app: "web" };
    await harness.create(PODS, newPod("web", { labels, spec: { containers, nodeName: "n1" } }));
    await harness.create(PODS, newPod("alone", { labels, spec: { nodeName: "n1" } }));
    await harness.create("/api/v1/namespaces/default/services", {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { selector: labels, ports: [{ port: 80 }] },
    });
  });
  after(() => harness.stop());

  const run = (line: string, stdin = "") => kctl.run(...(line.split(" ") as [string]), { stdin });
  const DEFAULTED = 'Defaulted container "main" out of: main, side\n';

  for (const { line, stdin, code = 0, stdout, stderr = "" } of [
    { line: "logs alone", stdout: "alone/main \nlast" },
    { line: "logs alone --tail=3 --timestamps", stdout: "alone/main timestamps=true&tailLines=3\nlast" },
    { line: "logs web -c side -p", stdout: "web/side previous=true\nlast" },
    { line: "logs web side", stdout: "web/side \nlast" },
    { line: "logs web", stdout: "web/main \nlast", stderr: DEFAULTED },
    {
      line: "logs web --all-containers --prefix",
      stdout: "[pod/web/main] web/main \n[pod/web/main] last\n[pod/web/side] web/side \n[pod/web/side] last\n",
    },
    {
      line: "logs -l app=web -c main",
      stdout: "alone/main tailLines=10\nlastweb/main tailLines=10\nlast",
    },
    { line: "logs -l app=none", stdout: "", stderr: "No resources found in default namespace.\n" },
    { line: "logs svc/web -c main", stdout: "alone/main \nlast", stderr: "Found 2 pods, using pod/alone\n" },
    {
      line: "logs nope",
      code: 1,
      stdout: "",
      stderr: 'error: error from server (NotFound): pods "nope" not found in namespace "default"\n',
    },
    {
      line: "logs alone -c nope",
      code: 1,
      stdout: "",
      stderr: "error: container nope is not valid for pod alone\n",
    },
    {
      line: "logs -f -l app=web --all-containers --max-log-requests=2",
      code: 1,
      stdout: "",
      stderr:
        "error: you are attempting to follow 3 log streams, but maximum allowed concurrency is 2, use --max-log-requests to increase the limit\n",
    },
    { line: "exec alone -- hello", stdout: "hello\n", stderr: "oops\n" },
    { line: "exec -i alone -- cat", stdin: "to the end\n", stdout: "to the end\ncat\n", stderr: "oops\n" },
    { line: "exec web -- hello", stdout: "hello\n", stderr: `${DEFAULTED}oops\n` },
    { line: "exec -q web -- hello", stdout: "hello\n", stderr: "oops\n" },
    { line: "exec svc/web -- hello", stdout: "hello\n", stderr: "oops\n" },
    {
      line: "exec alone -- fail 7",
      code: 7,
      stdout: "fail\n",
      stderr: "oops\ncommand terminated with exit code 7\n",
    },
    {
      line: "exec alone -- vanish",
      code: 1,
      stdout: "",
      stderr: "error: the connection to the container was lost before the program had ended\n",
    },
    {
      line: "exec -it alone -- hello",
      stdout: "hello\n",
      stderr: "Unable to use a TTY - input is not a terminal or the right kind of file\noops\n",
    },
    {
      line: "exec alone",
      code: 1,
      stdout: "",
      stderr: "error: you must specify at least one command for the container\n",
    },
    {
      line: "exec alone hello",
      code: 1,
      stdout: "",
      stderr:
        "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee 'kctl exec -h' for help and examples\n",
    },
    {
      line: "exec alone -c nope -- hello",
      code: 1,
      stdout: "",
      stderr: "Error from server (BadRequest): container nope is not valid for pod alone\n",
    },
    {
      line: "attach alone",
      stdout: "attached\n",
      stderr: "If you don't see a command prompt, try pressing enter.\noops\n",
    },
    {
      line: "attach alone -c nope",
      code: 1,
      stdout: "",
      stderr: "error: cannot attach to the container: container nope not found in pod alone\n",
    },
    {
      line: "port-forward alone",
      code: 1,
      stdout: "",
      stderr:
        "error: TYPE/NAME and list of ports are required for port-forward\nSee 'kctl port-forward -h' for help and examples\n",
    },
    {
      line: "port-forward alone dns",
      code: 1,
      stdout: "",
      stderr: "error: Pod 'alone' does not have a named port 'dns'\n",
    },
  ]) {
    it(`${line} ${code === 0 ? "prints what the kubelet gives" : `exits with ${code}`}`, async () => {
      expect(await run(line, stdin)).to.deep.equal({ code, stdout, stderr });
    });
  }
});
