// Who one is and what one may do, as stock kubectl and programs in pods find out: tokens, reviews and impersonation over
// HTTPS, and a program in a pod that asks the server about itself with what is in its volume.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { USER_KEY, USER_REQUEST } from "../testing/certificate-requests.ts";
import { runCommand, runOrFail } from "./command.ts";
import { InProcessCluster } from "./in-process-cluster.ts";
import { RawClient } from "./raw-client.ts";
import { eventually } from "./waiting.ts";

const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "asker" },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: "c",
        image: "host",
        command: [
          "sh",
          "-c",
          `cd "$MOUNT_VAR_RUN_SECRETS_KUBERNETES_IO_SERVICEACCOUNT" &&
           curl -sS --retry 9 --retry-all-errors --fail --cacert ca.crt -H "Authorization: Bearer $(cat token)" "$SERVER/api/v1/namespaces/$(cat namespace)/pods/asker"
           sleep 1000`,
        ],
      },
    ],
  },
};

describe("access, to stock clients", () => {
  let cluster: InProcessCluster;
  let client: RawClient;
  before(async () => {
    cluster = await InProcessCluster.start(["apiserver", "controllers", "scheduler", "kubelet"]);
    client = RawClient.of(cluster.kubeconfig, cluster.port);
  });
  after(() => cluster.remove());
  const command = (args: readonly string[]) => ["kubectl", `--kubeconfig=${cluster.kubeconfigPath}`, ...args];
  const kubectl = (...args: readonly string[]) => runOrFail(command(args));
  const lines = (text: string) => text.trim().split(/\s*\n\s*/);

  it("is known to kubectl auth whoami, also as somebody else", async () => {
    expect(lines(await kubectl("auth", "whoami"))).to.include("Username    kubernetes-admin");
    const other = await kubectl("auth", "whoami", "--as=jane", "--as-group=dev", "--as-group=ops", "--as-uid=7");
    expect(lines(other).map((line) => line.replace(/ +/g, " "))).to.deep.equal([
      "ATTRIBUTE VALUE",
      "Username jane",
      "UID 7",
      "Groups [dev ops system:authenticated]",
    ]);
  });

  it("is known to kubectl auth can-i", async () => {
    expect(await kubectl("auth", "can-i", "delete", "pods", "--subresource=log")).to.equal("yes\n");
    expect(await kubectl("auth", "can-i", "get", "/metrics")).to.equal("yes\n");
    const [head, all] = lines(await kubectl("auth", "can-i", "--list"));
    expect(head?.split(/ {2,}/)).to.deep.equal(["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]);
    expect(all?.split(/ {2,}/)).to.deep.equal(["*.*", "[]", "[]", "[*]"]);
  });

  it("is given by kubectl create token", async () => {
    await kubectl("create", "serviceaccount", "robot");
    const token = (await kubectl("create", "token", "robot", "--duration=10m")).trim();
    const who = await runOrFail([
      "kubectl",
      `--server=https://127.0.0.1:${cluster.port}`,
      "--insecure-skip-tls-verify",
      `--token=${token}`,
      "--kubeconfig=/dev/null",
      "auth",
      "whoami",
      "-o",
      "jsonpath={.status.userInfo.username}",
    ]);
    expect(who).to.equal("system:serviceaccount:default:robot");
    await kubectl("delete", "serviceaccount", "robot");
    const headers = { authorization: `Bearer ${token}` };
    expect((await client.as({}).ask("GET", "/api", { headers })).code).to.equal(401);
  });

  it("comes with old secrets, too", async () => {
    const secret = join(cluster.directory, "secret.yaml");
    await writeFile(
      secret,
      `apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: {name: old, annotations: {kubernetes.io/service-account.name: default}}
`,
    );
    await kubectl("create", "-f", secret);
    await eventually("the secret has a token", async () => {
      const token = await kubectl("get", "secret", "old", "-o", "jsonpath={.data.token}");
      if (token === "") return false;
      const headers = { authorization: `Bearer ${Buffer.from(token, "base64").toString()}` };
      expect((await client.as({}).ask("GET", "/api", { headers })).code).to.equal(200);
      expect((await client.as({}).ask("GET", "/api/v1/nodes", { headers })).code).to.equal(403);
      return true;
    });
  });

  it("comes with certificates that kubectl certificate approve lets the cluster sign", async () => {
    const request = (name: string, usage: string) => `apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: ${name}}
spec:
  request: ${Buffer.from(USER_REQUEST).toString("base64")}
  signerName: kubernetes.io/kube-apiserver-client
  expirationSeconds: 3600
  usages: [digital signature, ${usage}]
`;
    const file = join(cluster.directory, "request.yaml");
    for (const [name, usage] of [
      ["jane", "client auth"],
      ["wrong", "server auth"],
      ["denied", "client auth"],
    ] as const) {
      await writeFile(file, request(name, usage));
      await kubectl("create", "-f", file);
    }
    await kubectl("certificate", "approve", "jane", "wrong");
    await kubectl("certificate", "deny", "denied");
    await kubectl("wait", "--for=jsonpath={.status.certificate}", "csr/jane", "--timeout=30s");
    await kubectl("wait", "--for=condition=Failed", "csr/wrong", "--timeout=30s");
    const rows = lines(await kubectl("get", "csr", "--no-headers")).map((line) => line.split(/ {2,}/));
    expect(rows.map((row) => [row[0], row[2], row.at(-1)])).to.deep.equal([
      ["denied", "kubernetes.io/kube-apiserver-client", "Denied"],
      ["jane", "kubernetes.io/kube-apiserver-client", "Approved,Issued"],
      ["wrong", "kubernetes.io/kube-apiserver-client", "Approved,Failed"],
    ]);
    const certificate = await kubectl("get", "csr", "jane", "-o", "jsonpath={.status.certificate}");
    const paths = { cert: join(cluster.directory, "jane.crt"), key: join(cluster.directory, "jane.key") };
    await writeFile(paths.cert, Buffer.from(certificate, "base64"));
    await writeFile(paths.key, USER_KEY);
    const who = await runOrFail([
      "kubectl",
      "--kubeconfig=/dev/null",
      `--server=https://127.0.0.1:${cluster.port}`,
      "--insecure-skip-tls-verify",
      `--client-certificate=${paths.cert}`,
      `--client-key=${paths.key}`,
      "auth",
      "whoami",
      "-o",
      "jsonpath={.status.userInfo.username} {.status.userInfo.groups}",
    ]);
    expect(who).to.equal('jane ["developers","system:authenticated"]');
  });

  it("is what roles say, for all but administrators", async () => {
    const pods = ["get", "pods", "--as=jane"];
    const refused = await runCommand(command(pods));
    expect(refused.stderr).to.equal(
      'Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"\n',
    );
    expect((await runCommand(command(["auth", "can-i", "list", "pods", "--as=jane"]))).stdout).to.equal("no\n");
    await kubectl("create", "rolebinding", "jane", "--clusterrole=view", "--user=jane");
    expect(await kubectl("auth", "can-i", "list", "pods", "--as=jane")).to.equal("yes\n");
    await kubectl(...pods);
    expect((await runCommand(command(["get", "secrets", "--as=jane"]))).code).to.equal(1);
    const list = lines(await kubectl("auth", "can-i", "--list", "--as=jane")).map((line) => line.split(/ {2,}/));
    expect(list.find(([resource]) => resource === "pods")?.at(-1)).to.equal("[get list watch]");
  });

  it("lets a program in a pod ask about itself", async () => {
    const file = join(cluster.directory, "pod.json");
    const env = [{ name: "SERVER", value: `https://127.64.0.0:${cluster.port}` }];
    const [container] = POD.spec.containers;
    const pod = { ...POD, spec: { ...POD.spec, containers: [{ ...container, env }] } };
    await writeFile(file, JSON.stringify(pod));
    await kubectl("create", "rolebinding", "pods", "--clusterrole=view", "--serviceaccount=default:default");
    await kubectl("create", "-f", file);
    await eventually("the pod has seen itself", async () => {
      const { stdout } = await runCommand(command(["logs", "asker"]));
      return stdout.includes('"name": "asker"');
    });
    const description = await kubectl("describe", "pod", "asker");
    expect(description).to.match(
      /\/var\/run\/secrets\/kubernetes\.io\/serviceaccount from kube-api-access-\w{5} \(ro\)/,
    );
    expect(description).to.contain("Service Account:  default");
  });

  it("is refused to those who bring nothing, and to those who bring what is not theirs (S1, S2)", async () => {
    const nobody = client.as({});
    for (const path of ["/api", "/apis", "/api/v1/nodes", "/openapi/v2", "/metrics", "/openid/v1/jwks"]) {
      const { code, data } = await nobody.ask("GET", path);
      expect([code, data.reason], path).to.deep.equal([401, "Unauthorized"]);
    }
    for (const path of ["/livez", "/readyz", "/version"]) expect((await nobody.ask("GET", path)).code).to.equal(200);
    for (const authorization of ["Bearer x", "Bearer e30.e30.", "Basic YTpi", "Bearer"]) {
      expect((await nobody.ask("GET", "/api", { headers: { authorization } })).code).to.equal(401);
    }
    const headers = { "impersonate-user": "system:admin", "impersonate-group": "system:masters" };
    expect((await nobody.ask("GET", "/api", { headers })).code).to.equal(401);
  });

  for (const kind of ["selfsubjectaccessreviews", "tokenreviews", "subjectaccessreviews", "selfsubjectrulesreviews"]) {
    it(`lets kubectl explain ${kind}`, async () => {
      expect(await kubectl("explain", kind, "--recursive")).to.contain("FIELDS:\n");
    });
  }
});
