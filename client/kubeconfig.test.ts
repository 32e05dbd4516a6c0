import { expect } from "chai";
import {
  buildKubeconfig,
  connectionOf,
  KubeconfigError,
  loadKubeconfig,
  parseKubeconfig,
  renderKubeconfig,
  type ConnectionChoice,
} from "./kubeconfig.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

const config = `
apiVersion: v1
kind: Config
current-context: one
clusters:
- name: c1
  cluster: {server: "https://127.0.0.1:6443/", certificate-authority-data: ${base64("CA")}}
- name: c2
  cluster: {server: "https://c2:6443", certificate-authority: ca.crt, tls-server-name: kubernetes}
- name: open
  cluster: {server: "https://open", insecure-skip-tls-verify: true}
- name: plain
  cluster: {server: "http://plain:8080"}
users:
- name: cert
  user: {client-certificate-data: ${base64("CERT")}, client-key-data: ${base64("KEY")}}
- name: files
  user: {client-certificate: pki/c.crt, client-key: /abs/c.key}
- name: token
  user: {token: t0ken, tokenFile: unread}
- name: token-file
  user: {tokenFile: token.txt}
- name: plugin
  user: {exec: {command: aws}}
- name: basic
  user: {username: a, password: b}
contexts:
- name: one
  context: {cluster: c1, user: cert, namespace: team}
- name: two
  context: {cluster: c2, user: files}
- name: broken
  context: {cluster: gone, user: cert}
`;

const files: Record<string, string> = {
  "/home/.kube/config": config,
  "/home/.kube/ca.crt": "CA2",
  "/home/.kube/pki/c.crt": "CERT2",
  "/abs/c.key": "KEY2",
  "/home/.kube/token.txt": "from-file\n",
  "/other": `current-context: other
contexts:
- {name: other, context: {cluster: c1, user: token}}
- {name: one, context: {cluster: c2, user: token}}`,
  "/bad": "clusters: [\n  - {",
  "/text": "just text",
  "/empty": "",
};
const readFile = (path: string) =>
  path in files
    ? Promise.resolve(files[path] ?? "")
    : Promise.reject(Object.assign(new Error("no such file"), { code: "ENOENT" }));

const path = "/home/.kube/config";
const connect = (choice: ConnectionChoice) => connectionOf(parseKubeconfig(config, path), choice, readFile);

async function problem(outcome: Promise<unknown>): Promise<string> {
  return outcome.then(
    () => "none",
    (error: unknown) => (error instanceof KubeconfigError ? error.message : `not a KubeconfigError: ${String(error)}`),
  );
}

describe("a kubeconfig", () => {
  it("gives the connection of its current context", async () => {
    expect(await connect({})).to.deep.equal({
      baseUrl: "https://127.0.0.1:6443",
      tls: { ca: "CA", cert: "CERT", key: "KEY", serverName: undefined },
      token: undefined,
      insecureSkipVerify: undefined,
      namespace: "team",
    });
  });

  it("reads the files it names, from its own folder", async () => {
    const connection = await connect({ context: "two" });
    expect(connection.tls).to.deep.equal({ ca: "CA2", cert: "CERT2", key: "KEY2", serverName: "kubernetes" });
    expect(connection.namespace).to.equal("default");
  });

  it("lets the caller choose another cluster and user", async () => {
    const connection = await connect({ cluster: "open", user: "token" });
    expect(connection).to.deep.include({ baseUrl: "https://open", token: "t0ken", insecureSkipVerify: true });
    expect((await connect({ user: "token-file" })).token).to.equal("from-file");
  });

  for (const [choice, message] of [
    [{ context: "three" }, "The kubeconfig has no context three; it has: one, two, broken."],
    [{ context: "broken" }, "The kubeconfig has no cluster gone."],
    [{ user: "nobody" }, "The kubeconfig has no user nobody."],
    [
      { user: "plugin" },
      "The kubeconfig uses an exec credential plugin, which is not supported: use a client certificate or a token.",
    ],
    [
      { user: "basic" },
      "The kubeconfig uses a user name and password, which is not supported: use a client certificate or a token.",
    ],
    [{ cluster: "plain" }, "The server http://plain:8080 of the kubeconfig is not an https:// address."],
  ] as const) {
    it(`refuses ${JSON.stringify(choice)} in a sentence`, async () => {
      expect(await problem(connect(choice))).to.equal(message);
    });
  }

  it("says which file is missing, and what to do without a context", async () => {
    const lost = parseKubeconfig(
      "clusters: [{name: c, cluster: {server: 'https://x', certificate-authority: no.crt}}]",
      path,
    );
    expect(await problem(connectionOf(lost, { cluster: "c" }, readFile))).to.equal(
      "The file /home/.kube/no.crt of the kubeconfig cannot be read: no such file.",
    );
    expect(await problem(connectionOf({}, {}, readFile))).to.contain("no current context");
  });

  it("is merged from several files, the first to name something winning", async () => {
    const merged = await loadKubeconfig(["/missing", "/other", path], readFile);
    expect(merged["current-context"]).to.equal("other");
    expect(merged.contexts?.map(({ name, context }) => `${name}:${context.user}`)).to.deep.equal([
      "other:token",
      "one:token",
      "two:files",
      "broken:cert",
    ]);
    expect(await connectionOf(merged, {}, readFile)).to.deep.include({ token: "t0ken" });
  });

  it("may be empty, but must exist and be one", async () => {
    expect(await loadKubeconfig(["/empty"], readFile)).to.deep.equal({});
    expect(await problem(loadKubeconfig(["/a", "/b"], readFile))).to.equal("There is no kubeconfig at /a or /b.");
    expect(await problem(loadKubeconfig(["/text"], readFile))).to.equal("The kubeconfig /text is not one.");
    expect(await problem(loadKubeconfig(["/bad"], readFile))).to.match(
      /^The kubeconfig \/bad cannot be read: line 2, column \d+: /,
    );
  });

  it("is written so that it can be read again", async () => {
    const built = buildKubeconfig({
      clusterName: "gantry",
      userName: "admin",
      server: "https://127.0.0.1:6443",
      ...{ ca: "CA", cert: "CERT", key: "KEY" },
    });
    const text = renderKubeconfig(built);
    expect(text).to.contain("kind: Config");
    const { baseUrl, tls } = await connectionOf(parseKubeconfig(text, path), {}, readFile);
    expect([baseUrl, tls.ca, tls.cert, tls.key]).to.deep.equal(["https://127.0.0.1:6443", "CA", "CERT", "KEY"]);
  });
});
