// Removes certificate requests that nobody needs any more: an hour after they were decided, a day after they were made if they
// never were, and when their certificate has expired. The times are those of Kubernetes.

import {
  certificateSigningRequests,
  type CertificateSigningRequest,
} from "../../api/certificates/certificate-signing-request.ts";
import { keyOf } from "../../api/meta/object.ts";
import { ignoreNotFound } from "../../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import { readCertificate } from "../../lib/x509.ts";

const HOUR_MS = 3_600_000;
const DECIDED_MS = HOUR_MS;
const PENDING_MS = 24 * HOUR_MS;
/** As long as a timer can wait at once. */
const WAIT_MAX_MS = 24 * HOUR_MS;

const DECISIONS: ReadonlySet<string> = new Set(["Approved", "Denied", "Failed"]);

export const certificateCleanerController: Controller<CertificateSigningRequest> = {
  name: "csrcleaner",
  for: certificateSigningRequests,
  build: (deps) => new CertificateCleaner(deps),
};

/** When the request is no longer needed, in milliseconds since 1970; undefined where nobody can say. */
export function removalMs({ metadata, status }: CertificateSigningRequest): number | undefined {
  const { conditions = [], certificate } = status;
  if (conditions.length === 0) return Date.parse(metadata.creationTimestamp) + PENDING_MS;
  const decided = conditions
    .filter(({ type }) => DECISIONS.has(type))
    .map(({ lastUpdateTime }) => Date.parse(lastUpdateTime ?? "") + DECIDED_MS);
  const times = [...decided, expiryMs(certificate)].filter((ms) => !Number.isNaN(ms));
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** NaN where there is no certificate, or none that can be read: signers may write what they want. */
function expiryMs(certificate: string | undefined): number {
  if (!certificate) return NaN;
  try {
    return readCertificate(Buffer.from(certificate, "base64").toString()).notAfterMs;
  } catch {
    return NaN;
  }
}

class CertificateCleaner implements Reconciler<CertificateSigningRequest> {
  readonly #deps: ControllerDeps;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
  }

  async reconcile(request: CertificateSigningRequest): Promise<Requeue | void> {
    const { client, clock } = this.#deps;
    const dueMs = removalMs(request);
    if (dueMs === undefined || request.metadata.deletionTimestamp) return undefined;
    const waitMs = dueMs - clock.now();
    if (waitMs >= 0) return { afterMs: Math.min(waitMs + 1, WAIT_MAX_MS) };
    const { uid, resourceVersion } = request.metadata;
    const preconditions = { uid, resourceVersion };
    await client.delete(certificateSigningRequests, keyOf(request), { preconditions }).catch(ignoreNotFound);
  }
}
