import { X509Certificate } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "chai";
import { certificateSigningRequests } from "../api/certificates/certificate-signing-request.ts";
import { clusterRoleBindings } from "../api/rbac/cluster-role-binding.ts";
import { createClient } from "../client/api-client.ts";
import { buildKubeconfig, renderKubeconfig, type Connection } from "../client/kubeconfig.ts";
import { inProcessTransport } from "../client/transport.ts";
import { certificateApproverController } from "../controllers/certificates/approver.ts";
import { certificateSignerController } from "../controllers/certificates/signer.ts";
import { openClientCredentials, type ClientCredentials } from "../kubelet/certificates/client-credentials.ts";
import { requestCertificate } from "../kubelet/certificates/request-certificate.ts";
import type { Handler } from "../lib/http.ts";
import { silentLog } from "../lib/log.ts";
import { seededRandom } from "../lib/random.ts";
import { createAuthority, openAuthority, readCertificate, type KeyPair } from "../lib/x509.ts";
import { TestCluster } from "./cluster.ts";

const MINUTE_MS = 60_000;
/** Short: the whole cluster lives through it. */
const LIFE_MS = 60 * MINUTE_MS;
const RIGHT = "system:certificates.k8s.io:certificatesigningrequests:";

/** A cluster that signs certificates, and the files of a node that is not in it yet. */
class Site {
  readonly files = new Map<string, string>();
  readonly connections: { readonly name: string; readonly notAfterMs: number }[] = [];
  readonly #stop = new AbortController();

  private constructor(
    readonly cluster: TestCluster,
    readonly authority: KeyPair,
  ) {}

  static async start(): Promise<Site> {
    const validity = { notBeforeMs: 0, notAfterMs: Date.UTC(2100, 0, 1) };
    const authority = await createAuthority({ commonName: "kubernetes", random: seededRandom(1), ...validity });
    const controllers = [
      certificateApproverController,
      certificateSignerController({ clusterSigner: authority, signingDurationMs: LIFE_MS }),
    ];
    const site = new Site(await TestCluster.start({ controllers }), authority);
    await site.#bind("makers", "system:node-bootstrapper", "system:bootstrappers");
    await site.#bind("nodeclient", `${RIGHT}nodeclient`, "system:bootstrappers");
    await site.#bind("selfnodeclient", `${RIGHT}selfnodeclient`, "system:nodes");
    const issuer = await openAuthority(authority, seededRandom(2));
    const keys = await issuer.issue({
      commonName: "system:bootstrap:abc",
      organizations: ["system:bootstrappers"],
      usage: "client",
      notBeforeMs: 0,
      notAfterMs: Date.UTC(2100, 0, 1),
    });
    const config = buildKubeconfig({
      clusterName: "c",
      userName: "u",
      server: "https://127.0.0.1:6443",
      ca: authority.cert,
      ...keys,
    });
    site.files.set("/bootstrap", renderKubeconfig(config));
    return site;
  }

  async #bind(name: string, role: string, group: string): Promise<void> {
    const apiGroup = "rbac.authorization.k8s.io";
    const subjects = [{ kind: "Group", name: group, apiGroup }];
    const roleRef = { kind: "ClusterRole", apiGroup, name: role };
    await this.cluster.client.create(clusterRoleBindings, { metadata: { name }, roleRef, subjects });
  }

  /** Comes to the API server as whom the certificate says, as long as it is good. */
  readonly #connect = ({ tls: { cert = "" } }: Connection): Handler => {
    const { commonName = "", organizations, notAfterMs } = readCertificate(cert);
    this.connections.push({ name: commonName, notAfterMs });
    const groups = [...organizations, "system:authenticated"];
    const transport = inProcessTransport(this.cluster.transport, { username: commonName, groups });
    return (request) =>
      this.cluster.clock.now() < notAfterMs ? transport(request) : Promise.reject(new Error("certificate has expired"));
  };

  open(): Promise<ClientCredentials> {
    const { files, cluster } = this;
    return this.settled(
      openClientCredentials(
        {
          nodeName: "n1",
          kubeconfig: "/kubeconfig",
          bootstrapKubeconfig: "/bootstrap",
          certificateDirectory: "/pki",
          isRotating: true,
          files: {
            readStart: (path) => Promise.resolve(Buffer.from(files.get(path) ?? "")),
            write: (path, text) => Promise.resolve(void files.set(path, text)),
          },
          readFile: (path) => {
            const text = files.get(path);
            return text === undefined
              ? Promise.reject(Object.assign(new Error(`no such file ${path}`), { code: "ENOENT" }))
              : Promise.resolve(text);
          },
          connect: this.#connect,
          clock: cluster.clock,
          random: seededRandom(3),
          log: silentLog,
        },
        this.#stop.signal,
      ),
    );
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Keys and signatures take real time. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = () => (isDone = true);
    promise.then(done, done);
    await this.until(() => isDone);
    if (!isDone) throw new Error("what the test waits for did not happen");
    return promise;
  }

  async until(isTrue: () => boolean): Promise<void> {
    for (let round = 0; round < 2000 && !isTrue(); round++) {
      await this.cluster.settle();
      await nextTurn();
    }
  }

  async pass(minutes: number): Promise<void> {
    await this.cluster.clock.advance(minutes * MINUTE_MS);
    for (let round = 0; round < 100; round++) {
      await this.cluster.settle();
      await nextTurn();
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.cluster.stop();
  }
}

describe("the certificates of a kubelet", () => {
  let site: Site;
  beforeEach(async () => (site = await Site.start()));
  afterEach(() => site.stop());

  it("begin with those of the bootstrap, and are renewed before they end", async () => {
    const { transport, rotate } = await site.open();
    expect(site.connections.map(({ name }) => name)).to.deep.equal(["system:bootstrap:abc", "system:node:n1"]);
    const rotating = rotate(site.signal);
    const client = createClient(transport);
    await client.list(certificateSigningRequests);
    await site.pass(35);
    expect(site.connections.length).to.equal(2);
    await site.pass(20);
    await site.until(() => site.connections.length > 2);
    expect(site.connections.length).to.equal(3);
    expect(site.connections[2]?.notAfterMs).to.be.greaterThan(site.connections[1]?.notAfterMs ?? Infinity);
    await site.pass(10);
    // The first one has ended by now.
    await client.list(certificateSigningRequests);
    // A kubelet that starts anew goes on with the newest, and asks for nothing.
    await site.open();
    expect(site.connections[3]).to.deep.equal(site.connections[2]);
    await site.stop();
    await rotating;
  });

  it("are asked for anew by the bootstrap when they have ended", async () => {
    await site.open();
    await site.pass(61);
    await site.open();
    const names = site.connections.map(({ name }) => name);
    const once = ["system:bootstrap:abc", "system:node:n1"];
    expect(names).to.deep.equal([...once, ...once]);
  });

  it("of its endpoint wait for a person", async () => {
    const node = { username: "system:node:n1", groups: ["system:nodes", "system:authenticated"] };
    const client = createClient(inProcessTransport(site.cluster.transport, node));
    const deps = { client, clock: site.cluster.clock, random: seededRandom(4), log: silentLog };
    const ask = (hosts: readonly string[]) =>
      requestCertificate(deps, { nodeName: "n1", usage: "server", hosts }, site.signal);
    const waiting = ask(["n1", "192.168.0.1"]);
    const undecided = async () => {
      const { items } = await site.cluster.client.list(certificateSigningRequests);
      return items.find(({ status }) => !status.conditions?.length);
    };
    const decide = async (type: "Approved" | "Denied") => {
      let found = await undecided();
      for (; !found; found = await undecided()) await nextTurn();
      // Nobody approves it by a rule.
      await site.pass(0);
      expect((await undecided())?.metadata.name).to.equal(found.metadata.name);
      const conditions = [{ type, status: "True", reason: "Test", message: "seen" }];
      const decided = { ...found, status: { conditions } };
      await site.cluster.client.update(certificateSigningRequests, decided, { subresource: "approval" });
    };
    await decide("Approved");
    const { cert, key } = await site.settled(waiting);
    expect(key).to.contain("PRIVATE KEY");
    expect(new X509Certificate(cert).subjectAltName).to.equal("DNS:n1, IP Address:192.168.0.1");
    expect(readCertificate(cert)).to.deep.include({ commonName: "system:node:n1", organizations: ["system:nodes"] });
    const refused = ask(["n1"]).catch((error: Error) => error.message);
    await decide("Denied");
    expect(await site.settled(refused)).to.match(
      /^certificate signing request csr-\w+ is denied, reason: Test, message: seen$/,
    );
  });

  it("are not waited for longer than a quarter of an hour", async () => {
    const node = { username: "system:node:n1", groups: ["system:nodes", "system:authenticated"] };
    const client = createClient(inProcessTransport(site.cluster.transport, node));
    const deps = { client, clock: site.cluster.clock, random: seededRandom(4), log: silentLog };
    const wanted = { nodeName: "n1", usage: "server", hosts: ["n1"] } as const;
    let problem = "";
    void requestCertificate(deps, wanted, site.signal).catch((error: Error) => (problem = error.message));
    const requests = async () => (await site.cluster.client.list(certificateSigningRequests)).items.length;
    while ((await requests()) === 0) await nextTurn();
    await site.pass(14);
    expect(problem).to.equal("");
    await site.pass(1);
    await site.until(() => problem !== "");
    expect(problem).to.contain("took longer than 900000 ms");
  });
});
