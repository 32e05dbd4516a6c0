import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { connectionOf, parseKubeconfig } from "../client/kubeconfig.ts";
import { readSigningKey } from "../lib/jwt.ts";
import { systemRandom } from "../lib/random.ts";
import { isIssuedBy, readCertificate } from "../lib/x509.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { openCredentials } from "./credentials.ts";

const DAY_MS = 86_400_000;
const noFile = () => Promise.reject(new Error("no file is needed"));

describe("the cluster's credentials", () => {
  let directory: string;
  let clock: FakeClock;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "gantry-credentials-"));
    clock = new FakeClock(Date.UTC(2026, 0, 1));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const open = () => openCredentials({ directory, clock, random: systemRandom() });
  const server = { commonName: "kube-apiserver", hosts: ["127.0.0.1"] };

  it("are made once and found again", async () => {
    const first = await open();
    const keys = await first.serverKeys("apiserver", server);
    const again = await open();
    expect(again.ca).to.equal(first.ca);
    expect(await again.serverKeys("apiserver", server)).to.deep.equal(keys);
    expect(isIssuedBy(keys.cert, first.ca)).to.equal(true);
  });

  it("include a key for the tokens of service accounts, made once", async () => {
    const key = await (await open()).serviceAccountKey();
    expect(readSigningKey(key).verification.algorithm).to.equal("ES256");
    expect(await (await open()).serviceAccountKey()).to.equal(key);
  });

  it("are readable by their owner only", async () => {
    const credentials = await open();
    await credentials.kubeconfig("kubeconfigs/scheduler", { commonName: "s", server: "https://127.0.0.1:6443" });
    await credentials.serviceAccountKey();
    for (const file of ["pki/ca.key", "pki/sa.key", "pki/ca.crt", "kubeconfigs/scheduler"]) {
      expect((await stat(join(directory, file))).mode & 0o777, file).to.equal(0o600);
    }
    for (const folder of ["pki", "kubeconfigs"]) {
      expect((await stat(join(directory, folder))).mode & 0o777, folder).to.equal(0o700);
    }
  });

  it("of a server are replaced when it gets another address, and kept when it loses one", async () => {
    const credentials = await open();
    const both = { ...server, hosts: ["127.0.0.1", "10.0.0.1"] };
    const first = await credentials.serverKeys("apiserver", server);
    const second = await credentials.serverKeys("apiserver", both);
    expect(readCertificate(second.cert).hosts).to.deep.equal(both.hosts);
    expect(second.cert).not.to.equal(first.cert);
    expect(await credentials.serverKeys("apiserver", server)).to.deep.equal(second);
  });

  it("are replaced before they expire", async () => {
    const first = await (await open()).clientKeys("client", { commonName: "c" });
    await clock.advance(300 * DAY_MS);
    expect(await (await open()).clientKeys("client", { commonName: "c" })).to.deep.equal(first);
    await clock.advance(10 * DAY_MS);
    const renewed = await (await open()).clientKeys("client", { commonName: "c" });
    expect(readCertificate(renewed.cert).notAfterMs).to.equal(clock.now() + 365 * DAY_MS);
  });

  it("make kubeconfigs that stand alone", async () => {
    const credentials = await open();
    const identity = { commonName: "kubernetes-admin", organizations: ["system:masters"] };
    const path = await credentials.kubeconfig("kubeconfig", { ...identity, server: "https://127.0.0.1:6443" });
    expect(path).to.equal(join(directory, "kubeconfig"));
    const connection = await connectionOf(parseKubeconfig(await readFile(path, "utf8"), path), {}, noFile);
    expect(connection).to.deep.include({ baseUrl: "https://127.0.0.1:6443", namespace: "default" });
    expect(connection.tls.ca).to.equal(credentials.ca);
    expect(readCertificate(connection.tls.cert ?? "")).to.deep.include(identity);
  });

  it("keep a kubeconfig until the server moves, the authority changes, or the file is spoilt", async () => {
    const make = async (server: string) => {
      const path = await (await open()).kubeconfig("kubeconfig", { commonName: "a", server });
      return readFile(path, "utf8");
    };
    const first = await make("https://127.0.0.1:6443");
    expect(await make("https://127.0.0.1:6443")).to.equal(first);
    const moved = await make("https://127.0.0.1:7443");
    expect(moved).to.contain("https://127.0.0.1:7443");
    await rm(join(directory, "pki"), { recursive: true });
    const reissued = await make("https://127.0.0.1:7443");
    expect(reissued).not.to.equal(moved);
    await writeFile(join(directory, "kubeconfig"), "{half a fi");
    expect(await make("https://127.0.0.1:7443")).to.contain("https://127.0.0.1:7443");
  });
});
