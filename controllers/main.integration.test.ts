// The controllers as a process: needs nothing but Node, but starting it takes longer than a unit test may.

import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Port 1 of this machine: nobody answers there. */
const KUBECONFIG = `
apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
users: [{name: u, user: {token: x}}]
`;

describe("the controllers' process", function () {
  let directory = "";
  let kubeconfig = "";
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "controllers-"));
    kubeconfig = join(directory, "kubeconfig");
    await writeFile(kubeconfig, KUBECONFIG);
  });
  after(() => rm(directory, { recursive: true }));

  /** Runs it to its end; with `until`, ends it by SIGTERM once that was printed. */
  async function run(args: readonly string[], until?: RegExp) {
    // One that does not end would keep the tests from ending.
    const options = { stdio: "pipe", timeout: 50_000, killSignal: "SIGKILL" } as const;
    const child = spawn(process.execPath, ["--import=tsx", "controllers/main.ts", ...args], options);
    let output = "";
    let isTold = false;
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      // A second time would end it at once.
      if (!isTold && until?.test(output)) isTold = child.kill("SIGTERM");
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    return { code, signal, lines: output.trim().split("\n") };
  }

  it("explains its flags", async () => {
    const { code, lines } = await run(["--help"]);
    expect(code).to.equal(0);
    for (const flag of ["--kubeconfig", "--leader-elect", "--controllers", "--node-monitor-grace-period"]) {
      expect(lines.join("\n")).to.include(flag);
    }
  });

  const mistakes: [string, () => string[], RegExp][] = [
    ["no kubeconfig", () => [], /^error: required option '--kubeconfig <file>' not specified$/],
    [
      "a missing kubeconfig",
      () => ["--kubeconfig", "/nonexistent"],
      /^controllers: There is no kubeconfig at \/nonexistent\.$/,
    ],
    [
      "a duration that is none",
      () => ["--kubeconfig", kubeconfig, "--node-monitor-grace-period", "soon"],
      /It should look like 40s or 1m30s\.$/,
    ],
    [
      "a controller that there is not",
      () => ["--kubeconfig", kubeconfig, "--controllers", "*,-cronjobs"],
      /^controllers: --controllers: there is no controller "-cronjobs"; there are deployment, /,
    ],
    [
      "a missing certificate authority",
      () => ["--kubeconfig", kubeconfig, "--root-ca-file", "/nonexistent"],
      /^controllers: --root-ca-file \/nonexistent cannot be read: /,
    ],
    [
      "an authority without its key",
      () => ["--kubeconfig", kubeconfig, "--cluster-signing-cert-file", kubeconfig],
      /^controllers: --cluster-signing-cert-file and --cluster-signing-key-file go together\.$/,
    ],
    [
      "an authority that is none",
      () => [
        "--kubeconfig",
        kubeconfig,
        "--cluster-signing-cert-file",
        kubeconfig,
        "--cluster-signing-key-file",
        kubeconfig,
      ],
      /^controllers: \S+\/kubeconfig and \S+\/kubeconfig cannot sign: /,
    ],
  ];
  for (const [what, args, sentence] of mistakes) {
    it(`ends with 1 and one sentence for ${what}`, async () => {
      const { code, lines } = await run(args());
      expect(code).to.equal(1);
      expect(lines).to.have.length(1);
      expect(lines[0]).to.match(sentence);
    });
  }

  for (const flag of ["--leader-elect", "--no-leader-elect"]) {
    it(`keeps trying while nobody answers, and ends with 0 when it is told to: ${flag}`, async () => {
      const { code, signal } = await run(["--kubeconfig", kubeconfig, flag], /refused the connection/);
      expect([code, signal]).to.deep.equal([0, null]);
    });
  }
});
