// Signs approved certificate requests as the signers that Kubernetes brings along do, with the cluster's authority. What such a
// signer may not sign is marked as failed, with the reason.

import {
  certificateSigningRequests,
  type CertificateSigningRequest,
  type CertificateSigningRequestCondition,
} from "../../api/certificates/certificate-signing-request.ts";
import type { Controller, ControllerDeps, Reconciler } from "../../client/controller.ts";
import { openAuthority, readCertificate, type CertificateIssuer, type KeyPair } from "../../lib/x509.ts";
import { formatTime } from "../../lib/clock.ts";
import { planSigning } from "./plan-signing.ts";

export interface CertificateSignerOptions {
  /** The authority whose certificates the API server and the kubelets believe. Nothing is signed unless given. */
  readonly clusterSigner?: KeyPair;
  /** For how long certificates are good, at most; a year unless given. */
  readonly signingDurationMs?: number;
}

const YEAR_MS = 365 * 86_400_000;

export const certificateSignerController = (
  options: CertificateSignerOptions,
): Controller<CertificateSigningRequest> => ({
  name: "csrsigning",
  for: certificateSigningRequests,
  build(deps) {
    const { clusterSigner, signingDurationMs = YEAR_MS } = options;
    if (clusterSigner) return new CertificateSigner(deps, { authority: clusterSigner, durationMs: signingDurationMs });
    deps.log.info("Certificate requests are not signed: there is no key of the cluster's authority");
    return { reconcile: () => Promise.resolve() };
  },
});

interface Signing {
  readonly authority: KeyPair;
  readonly durationMs: number;
}

class CertificateSigner implements Reconciler<CertificateSigningRequest> {
  readonly #deps: ControllerDeps;
  readonly #signing: Signing;
  #opening: Promise<CertificateIssuer> | undefined;

  constructor(deps: ControllerDeps, signing: Signing) {
    this.#deps = deps;
    this.#signing = signing;
  }

  async reconcile(request: CertificateSigningRequest): Promise<void> {
    const { client, clock, random } = this.#deps;
    const { authority, durationMs } = this.#signing;
    const authorityEndMs = readCertificate(authority.cert).notAfterMs;
    const plan = planSigning(request, { nowMs: clock.now(), durationMs, authorityEndMs });
    const write = async (status: CertificateSigningRequest["status"]) => {
      await client.update(certificateSigningRequests, { ...request, status }, { subresource: "status" });
    };
    const { status } = request;
    switch (plan.kind) {
      case "leave":
        return;
      case "fail": {
        const failed = failure(plan.message, formatTime(clock.now()));
        return write({ ...status, conditions: [...(status.conditions ?? []), failed] });
      }
      case "sign": {
        const issuer = await (this.#opening ??= openAuthority(authority, random));
        const certificate = Buffer.from(await issuer.sign(plan.certificate)).toString("base64");
        return write({ ...status, certificate });
      }
    }
  }

  async finalize(): Promise<void> {
    // A request on its way out gets nothing new.
  }
}

const failure = (message: string, lastUpdateTime: string): CertificateSigningRequestCondition => ({
  type: "Failed",
  status: "True",
  reason: "SignerValidationFailure",
  message,
  lastUpdateTime,
});
