// Asks the cluster for a certificate: makes a key, posts a request for it, and waits until the request is approved and signed, by
// whoever does that.

import {
  certificateSigningRequests,
  type CertificateSigningRequest,
} from "../../api/certificates/certificate-signing-request.ts";
import { CachingInformer } from "../../client/caching-informer.ts";
import type { Client } from "../../client/client.ts";
import { withDeadline } from "../../client/deadline.ts";
import { runReflector } from "../../client/reflector.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import { createCertificateRequest, type KeyPair } from "../../lib/x509.ts";

export interface RequestDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface WantedCertificate {
  readonly nodeName: string;
  readonly usage: "client" | "server";
  /** Of a server: the DNS names and IP addresses that it has. */
  readonly hosts?: readonly string[];
}

const SIGNERS = {
  client: "kubernetes.io/kube-apiserver-client-kubelet",
  server: "kubernetes.io/kubelet-serving",
} as const;
/** A request that nobody decides is given up, and made again; Kubernetes' own. */
const WAIT_MS = 15 * 60_000;

/** Rejects when the request is denied, fails, goes away or is not decided in time. */
export async function requestCertificate(
  deps: RequestDeps,
  { nodeName, usage, hosts }: WantedCertificate,
  signal: AbortSignal,
): Promise<KeyPair> {
  const asked = await createCertificateRequest({
    commonName: `system:node:${nodeName}`,
    organizations: ["system:nodes"],
    hosts,
  });
  const posted = await deps.client.create(
    certificateSigningRequests,
    {
      metadata: { generateName: "csr-" },
      spec: {
        request: Buffer.from(asked.request).toString("base64"),
        signerName: SIGNERS[usage],
        usages: ["digital signature", `${usage} auth`],
      },
    },
    { signal },
  );
  const { name } = posted.metadata;
  deps.log.info("A certificate is asked for", { request: name, signer: SIGNERS[usage] });
  const deadline = { clock: deps.clock, delayMs: WAIT_MS, signal };
  const cert = await withDeadline(deadline, (limited) => waitForCertificate(deps, name, limited));
  return { cert, key: asked.key };
}

/** PEM; undefined while the request is not decided and signed. Throws where it never will be. Pure. */
export function certificateOf({ metadata, status }: CertificateSigningRequest): string | undefined {
  const { conditions = [], certificate } = status;
  for (const [type, how] of [
    ["Denied", "is denied"],
    ["Failed", "failed"],
  ] as const) {
    const found = conditions.find((each) => each.type === type);
    if (!found) continue;
    const { reason = "", message = "" } = found;
    throw new Error(`certificate signing request ${metadata.name} ${how}, reason: ${reason}, message: ${message}`);
  }
  const isApproved = conditions.some(({ type }) => type === "Approved");
  return isApproved && certificate ? Buffer.from(certificate, "base64").toString() : undefined;
}

async function waitForCertificate(deps: RequestDeps, name: string, signal: AbortSignal): Promise<string> {
  const stop = new AbortController();
  const cache = new CachingInformer<CertificateSigningRequest>((error) => stop.abort(error));
  let certificate: string | undefined;
  cache.onChange(({ type, object }) => {
    if (type === "deleted") throw new Error(`certificate signing request ${name} was deleted before it was decided`);
    certificate = certificateOf(object);
    if (certificate !== undefined) stop.abort();
  });
  const selection = { fieldSelector: `metadata.name=${name}` };
  const options = { ...deps, resource: certificateSigningRequests, selection, cache };
  await runReflector(options, AbortSignal.any([stop.signal, signal]));
  if (certificate !== undefined) return certificate;
  throw (stop.signal.aborted ? stop.signal : signal).reason as Error;
}
