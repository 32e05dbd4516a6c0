// The objects that `kctl create KIND` makes from flags. They are kubectl's, down to the empty fields that it shows with
// `--dry-run=client -o yaml`. Pure; throws CommandError for flags that make no sense.

import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";

const metadata = (name: string, labels?: Readonly<Record<string, string>>) => ({
  creationTimestamp: null as unknown as string,
  ...(labels && { labels }),
  name,
});

export interface DeploymentChoice {
  readonly images: readonly string[];
  readonly replicas: number;
  readonly port: number | undefined;
  readonly command: readonly string[];
}

export function buildDeployment(name: string, { images, replicas, port, command }: DeploymentChoice): AnyObject {
  if (images.length === 0) throw new CommandError('required flag(s) "image" not set');
  if (images.length > 1 && command.length > 0) {
    throw new CommandError("cannot specify multiple --image options and command");
  }
  const labels = { app: name };
  const containers = images.map((image) => ({
    ...(command.length > 0 && { command }),
    image,
    name: containerName(image),
    ...(port !== undefined && { ports: [{ containerPort: port }] }),
    resources: {},
  }));
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(name, labels),
    spec: {
      replicas,
      selector: { matchLabels: labels },
      strategy: {},
      template: { metadata: { creationTimestamp: null, labels }, spec: { containers } },
    },
    status: {},
  };
}

/** The last part of the image's path, without tag and digest, as far as it can be a container's name. */
export const containerName = (image: string): string =>
  (image.split("/").at(-1) ?? "")
    .replace(/[@:].*$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-");

export const buildNamespace = (name: string): AnyObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: metadata(name),
  spec: {},
  status: {},
});

export const buildServiceAccount = (name: string): AnyObject => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: metadata(name),
});

export interface ServiceChoice {
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  /** `PORT` or `PORT:TARGET`, each. */
  readonly tcp: readonly string[];
  readonly clusterIP?: string;
  readonly nodePort?: number;
  readonly externalName?: string;
}

export function buildService(name: string, choice: ServiceChoice): AnyObject {
  const { type, tcp, clusterIP, nodePort, externalName } = choice;
  const needsPorts = type !== "ExternalName" && clusterIP !== "None";
  if (needsPorts && tcp.length === 0) throw new CommandError("at least one tcp port specifier must be provided");
  if (type === "ExternalName" && !externalName) throw new CommandError('required flag(s) "external-name" not set');
  const labels = { app: name };
  const ports = tcp.map((text) => ({ ...readPort(text), ...(nodePort !== undefined && { nodePort }) }));
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(name, labels),
    spec: {
      ...(clusterIP && { clusterIP }),
      ...(externalName && { externalName }),
      ...(ports.length > 0 && { ports }),
      selector: labels,
      type,
    },
    status: { loadBalancer: {} },
  };
}

/** `80`, `80:8080` or `80:http`. */
function readPort(text: string) {
  const [port = "", target = port] = text.split(":");
  if (!isPort(port)) throw new CommandError(`invalid port ${JSON.stringify(text)}: it must be PORT or PORT:TARGET`);
  const targetPort = /^\d+$/.test(target) ? Number(target) : target;
  return { name: text.replace(":", "-"), port: Number(port), protocol: "TCP", targetPort };
}

const isPort = (text: string) => /^\d+$/.test(text) && Number(text) > 0 && Number(text) < 65_536;

/** Texts go into `data`, everything else into `binaryData`. */
export function buildConfigMap(name: string, data: ReadonlyMap<string, Uint8Array>): AnyObject {
  const texts = [...data].filter(([, bytes]) => isText(bytes));
  const others = [...data].filter(([, bytes]) => !isText(bytes));
  return {
    apiVersion: "v1",
    ...(others.length > 0 && { binaryData: Object.fromEntries(others.map(([key, bytes]) => [key, base64(bytes)])) }),
    ...(texts.length > 0 && {
      data: Object.fromEntries(texts.map(([key, bytes]) => [key, Buffer.from(bytes).toString()])),
    }),
    kind: "ConfigMap",
    metadata: metadata(name),
  };
}

const isText = (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString()).equals(Buffer.from(bytes));
const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes as string).toString("base64");

export const buildSecret = (
  name: string,
  data: ReadonlyMap<string, Uint8Array>,
  type: string | undefined,
): AnyObject => ({
  apiVersion: "v1",
  ...(data.size > 0 && { data: Object.fromEntries([...data].map(([key, bytes]) => [key, base64(bytes)])) }),
  kind: "Secret",
  metadata: metadata(name),
  ...(type && { type }),
});

export interface RegistryAccount {
  readonly server: string;
  readonly username: string;
  readonly password: string;
  readonly email: string | undefined;
}

export function buildRegistrySecret(name: string, account: RegistryAccount): AnyObject {
  const { server, username, password, email } = account;
  const auth = base64(`${username}:${password}`);
  const config = { auths: { [server]: { username, password, ...(email && { email }), auth } } };
  const data = new Map([[".dockerconfigjson", Buffer.from(JSON.stringify(config))]]);
  return buildSecret(name, data, "kubernetes.io/dockerconfigjson");
}
