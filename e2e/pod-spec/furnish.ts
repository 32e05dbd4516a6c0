// What the pods of the tests refer to.

import { configMaps } from "../../api/core/config-map.ts";
import { secrets } from "../../api/core/secret.ts";
import { serviceAccounts } from "../../api/core/service-account.ts";
import { services } from "../../api/core/service.ts";
import { runtimeClasses } from "../../api/node/runtime-class.ts";
import { REGISTRY_USER } from "./locked-registry.ts";
import { shell, SLEEPS } from "./pod-case.ts";
import type { PodLab } from "./pod-lab.ts";

const named = (name: string) => ({ metadata: { namespace: "default", name } });

const WITHOUT_MKDIR = {
  defaultAction: "SCMP_ACT_ALLOW",
  syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }],
};

export async function furnish(lab: PodLab): Promise<void> {
  const { client } = lab;
  await lab.writeNodeFile("seccomp/no-mkdir.json", JSON.stringify(WITHOUT_MKDIR));
  await client.create(configMaps, { ...named("colors"), data: { wall: "red" } });
  await client.create(secrets, { ...named("hidden"), stringData: { wall: "black" } });
  await client.create(services, { ...named("linked"), spec: { selector: { app: "x" }, ports: [{ port: 80 }] } });
  await client.create(serviceAccounts, named("robot"));
  const overhead = { podFixed: { memory: "8Mi" } };
  await client.create(runtimeClasses, { metadata: { name: "usual" }, handler: "runc", overhead });
  await client.create(runtimeClasses, { metadata: { name: "strange" }, handler: "no-such-runtime" });
  await createPullSecret(lab, "right-password", REGISTRY_USER);
  await createPullSecret(lab, "wrong-password", "robot:wrong");
  await lab.create("beside-the-bomb", { containers: [shell(SLEEPS)] });
}

async function createPullSecret({ client, registryHost }: PodLab, name: string, user: string): Promise<void> {
  const auths = { [registryHost]: { auth: Buffer.from(user).toString("base64") } };
  const stringData = { ".dockerconfigjson": JSON.stringify({ auths }) };
  await client.create(secrets, { ...named(name), type: "kubernetes.io/dockerconfigjson", stringData });
}
