// The API server as a process of its own. Flags have kube-apiserver's names.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { systemClock } from "../lib/clock.ts";
import { createSigningKey } from "../lib/jwt.ts";
import { createLog, logLevelOf, type Log } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { systemRandom } from "../lib/random.ts";
import { runProgram } from "../lib/run-program.ts";
import { createAuthority, openAuthority, type KeyPair } from "../lib/x509.ts";
import type { PortRange } from "./addresses/service-address-ranges.ts";
import { disabledSteps } from "./admission/plugin-flags.ts";
import { AUTHORIZATION_MODES, type AuthorizationMode, type ServiceAccountKeys } from "./auth/auth.ts";
import { readServiceAccountKeys } from "./auth/service-account-keys.ts";
import { parseTokenFile } from "./auth/token-file.ts";
import { openStore, type StoreChoice } from "./open-store.ts";
import { startApiServer } from "./run-api-server.ts";

interface Flags {
  readonly etcdServers?: readonly string[];
  readonly etcdCafile?: string;
  readonly etcdCertfile?: string;
  readonly etcdKeyfile?: string;
  readonly etcdPrefix?: string;
  readonly dataDir?: string;
  readonly securePort: number;
  readonly bindAddress: string;
  readonly advertiseAddress?: string;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly clientCaFile?: string;
  readonly tokenAuthFile?: string;
  readonly serviceAccountSigningKeyFile?: string;
  readonly serviceAccountKeyFile: readonly string[];
  readonly serviceAccountIssuer: readonly string[];
  readonly serviceAccountJwksUri?: string;
  readonly apiAudiences?: readonly string[];
  readonly authorizationMode: readonly AuthorizationMode[];
  readonly enableAdmissionPlugins?: readonly string[];
  readonly disableAdmissionPlugins?: readonly string[];
  readonly runtimeConfig?: readonly string[];
  readonly serviceClusterIpRange: string;
  readonly serviceNodePortRange: PortRange;
  readonly kubeletClientCertificate?: string;
  readonly kubeletClientKey?: string;
  readonly kubeletCertificateAuthority?: string;
  readonly v: number;
}

const program = new Command("apiserver")
  .description("Runs Gantry's API server on etcd, or on a store of its own.")
  .option("--etcd-servers <urls>", "comma-separated addresses of etcd", list)
  .option("--etcd-cafile <file>", "believe etcd's certificate when this authority signed it")
  .option("--etcd-certfile <file>", "client certificate towards etcd")
  .option("--etcd-keyfile <file>", "its key")
  .option("--etcd-prefix <path>", "keep everything under this prefix, for several clusters on one etcd")
  .option("--data-dir <directory>", "keep the state in this directory instead of etcd")
  .option("--secure-port <port>", "the port to serve HTTPS on", parsePort, 6443)
  .option("--bind-address <ip>", "the address to listen on", parseAddress, "0.0.0.0")
  .option(
    "--advertise-address <ip>",
    "where clients in the cluster reach this server; the machine's own unless given",
    parseIPv4Flag,
  )
  .option("--tls-cert-file <file>", "the server's certificate; one for trying out is made unless given")
  .option("--tls-private-key-file <file>", "its key")
  .option("--client-ca-file <file>", "believe client certificates that this authority signed")
  .option("--token-auth-file <file>", 'CSV of bearer tokens: token,user,uid,"group1,group2"')
  .option(
    "--service-account-signing-key-file <file>",
    "sign tokens of service accounts with this private key; one for trying out is made unless given",
  )
  .option("--service-account-key-file <file>", "believe tokens signed with these keys, too; repeatable", collect, [])
  .option(
    "--service-account-issuer <url>",
    "who issues the tokens; repeatable, those of the later ones are believed",
    collect,
    [],
  )
  .option("--service-account-jwks-uri <url>", "where others can fetch the keys")
  .option(
    "--api-audiences <names>",
    "comma-separated: whom tokens for this server name; its issuers unless given",
    list,
  )
  .option(
    "--authorization-mode <modes>",
    `comma-separated, from ${AUTHORIZATION_MODES.join(", ")}`,
    parseAuthorizationModes,
    ["AlwaysAllow"],
  )
  .option("--enable-admission-plugins <names>", "comma-separated: admission steps to run; all do unless disabled", list)
  .option("--disable-admission-plugins <names>", "comma-separated: admission steps to leave out", list)
  .option("--runtime-config <versions>", "serve these too: GROUP/VERSION=true, separated by commas", list)
  .option("--service-cluster-ip-range <cidr>", "the addresses of services", "10.96.0.0/16")
  .option("--service-node-port-range <range>", "the node ports of services", parsePortRange, {
    first: 30000,
    last: 32767,
  })
  .option("--kubelet-client-certificate <file>", "client certificate towards kubelets")
  .option("--kubelet-client-key <file>", "its key")
  .option(
    "--kubelet-certificate-authority <file>",
    "believe kubelets' certificates only when this authority signed them",
  )
  .option("-v, --v <level>", "log level: 0 is what matters, 4 is everything", Number, 0);

function list(text: string): readonly string[] {
  return text
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function parseAuthorizationModes(text: string): readonly AuthorizationMode[] {
  return list(text).map((name) => {
    const mode = AUTHORIZATION_MODES.find((each) => each === name);
    if (!mode) throw new InvalidArgumentError(`There is no ${name}; there are ${AUTHORIZATION_MODES.join(", ")}.`);
    return mode;
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new InvalidArgumentError("It should be a number from 0 to 65535.");
  return port;
}

function parseAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError("It should be an IP address.");
  return text;
}

function parseIPv4Flag(text: string): string {
  if (isIP(text) !== 4) throw new InvalidArgumentError("It should be an IPv4 address.");
  return text;
}

/** The address that is served at, unless that is good for this machine alone; then one that others know it by. */
function advertiseAddress({ advertiseAddress, bindAddress }: Flags): string | undefined {
  if (advertiseAddress !== undefined) return advertiseAddress;
  if (isIP(bindAddress) === 4 && bindAddress !== "0.0.0.0" && !bindAddress.startsWith("127.")) return bindAddress;
  const all = Object.values(networkInterfaces()).flat();
  return all.find((each) => each?.family === "IPv4" && !each.internal)?.address;
}

function parsePortRange(text: string): PortRange {
  const [first, last] = /^(\d+)-(\d+)$/.exec(text)?.slice(1).map(Number) ?? [];
  if (!first || !last || first > last || last > 65535)
    throw new InvalidArgumentError("It should look like 30000-32767.");
  return { first, last };
}

const readText = (path: string) =>
  readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Error(`The file ${path} cannot be read (${error.code ?? error.message}).`);
  });
const readGiven = async (path: string | undefined) => (path === undefined ? undefined : readText(path));

async function storeChoice(flags: Flags): Promise<StoreChoice> {
  const { dataDir, etcdServers } = flags;
  if (dataDir !== undefined && etcdServers) throw new Error("Give --etcd-servers or --data-dir, not both.");
  if (dataDir !== undefined) return { kind: "embedded", directory: dataDir };
  if (!etcdServers?.length)
    throw new Error("Where is the state? Give --etcd-servers, or --data-dir for a store without etcd.");
  const [ca, cert, key] = await Promise.all([flags.etcdCafile, flags.etcdCertfile, flags.etcdKeyfile].map(readGiven));
  return { kind: "etcd", servers: etcdServers, prefix: flags.etcdPrefix, tls: { ca, cert, key } };
}

async function servingKeys(flags: Flags): Promise<KeyPair> {
  const { tlsCertFile, tlsPrivateKeyFile } = flags;
  if (tlsCertFile === undefined && tlsPrivateKeyFile === undefined) return selfSigned(flags.bindAddress);
  if (tlsCertFile === undefined || tlsPrivateKeyFile === undefined) {
    throw new Error("--tls-cert-file and --tls-private-key-file go together.");
  }
  return { cert: await readText(tlsCertFile), key: await readText(tlsPrivateKeyFile) };
}

/** For trying out: nobody can check it, as with kube-apiserver's. */
async function selfSigned(bindAddress: string): Promise<KeyPair> {
  const random = systemRandom();
  const nowMs = systemClock().now();
  const validity = { notBeforeMs: nowMs - 3_600_000, notAfterMs: nowMs + 365 * 86_400_000 };
  const authority = await createAuthority({ commonName: "gantry-self-signed", random, ...validity });
  const hosts = [...new Set(["localhost", "127.0.0.1", bindAddress])];
  const issuer = await openAuthority(authority, random);
  return issuer.issue({ commonName: "kube-apiserver", usage: "server", hosts, ...validity });
}

const ISSUER = "https://kubernetes.default.svc.cluster.local";

async function serviceAccountKeys(flags: Flags, log: Log): Promise<ServiceAccountKeys> {
  const { serviceAccountSigningKeyFile: file, serviceAccountKeyFile, serviceAccountIssuer, apiAudiences } = flags;
  if (file === undefined) {
    log.warn("Tokens of service accounts end with this process: give it a --service-account-signing-key-file");
  }
  const readKey = async (path: string) => ({ source: path, pem: await readText(path) });
  return readServiceAccountKeys({
    signingKey:
      file === undefined ? { source: "the key for trying out", pem: createSigningKey() } : await readKey(file),
    keys: await Promise.all(serviceAccountKeyFile.map(readKey)),
    issuers: serviceAccountIssuer.length > 0 ? serviceAccountIssuer : [ISSUER],
    apiAudiences,
    jwksUri: flags.serviceAccountJwksUri,
  });
}

async function main(signal: AbortSignal): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const { enableAdmissionPlugins: enable, disableAdmissionPlugins: disable } = flags;
  const disabledAdmission = disabledSteps({ enable, disable });
  const clock = systemClock();
  const log = createLog(logLevelOf(flags.v));
  const keys = await servingKeys(flags);
  const tokens = await readGiven(flags.tokenAuthFile);
  const store = await openStore(await storeChoice(flags), clock);
  try {
    const server = await startApiServer({
      store,
      host: flags.bindAddress,
      port: flags.securePort,
      advertiseAddress: advertiseAddress(flags),
      tls: { ...keys, clientCa: await readGiven(flags.clientCaFile) },
      tokens: tokens === undefined ? undefined : parseTokenFile(tokens, flags.tokenAuthFile ?? ""),
      serviceAccounts: await serviceAccountKeys(flags, log),
      authorizationModes: flags.authorizationMode,
      disabledAdmission,
      runtimeConfig: flags.runtimeConfig,
      kubelets: {
        clientCert: await readGiven(flags.kubeletClientCertificate),
        clientKey: await readGiven(flags.kubeletClientKey),
        kubeletCa: await readGiven(flags.kubeletCertificateAuthority),
        allowLoopback: flags.bindAddress.startsWith("127."),
      },
      serviceCidr: flags.serviceClusterIpRange,
      nodePortRange: flags.serviceNodePortRange,
      clock,
      random: systemRandom(),
      log,
      metrics: createMetrics(),
    });
    log.info("The API server is ready", { address: flags.bindAddress, port: server.port });
    if (!signal.aborted) await once(signal, "abort");
    await server.stop();
  } finally {
    await store.close();
  }
}

await runProgram("apiserver", main);
