// Approves the certificates that kubelets ask for themselves, for all who have the right to have theirs approved: new nodes by
// the right `nodeclient`, and nodes that renew their own by the right `selfnodeclient`. All others wait for a person.

import { subjectAccessReviews } from "../../api/authorization/subject-access-review.ts";
import {
  certificateSigningRequests,
  type CertificateSigningRequest,
} from "../../api/certificates/certificate-signing-request.ts";
import { formatKey, keyOf, type ObjectKey } from "../../api/meta/object.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import { backoffDelayMs } from "../../lib/backoff.ts";
import { planApproval, type Recognized } from "./plan-approval.ts";

/** Rights may be given later, and nobody tells when: Kubernetes' own waits between two times of asking. */
const BACKOFF = { initialMs: 200, maxMs: 1_000_000 };

export const certificateApproverController: Controller<CertificateSigningRequest> = {
  name: "csrapproving",
  for: certificateSigningRequests,
  build: (deps) => new CertificateApprover(deps),
};

class CertificateApprover implements Reconciler<CertificateSigningRequest> {
  readonly #deps: ControllerDeps;
  /** How often each request was recognized, but its maker did not have the right. */
  readonly #refusals = new Map<string, number>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
  }

  async reconcile(request: CertificateSigningRequest): Promise<Requeue | void> {
    const key = keyOf(request);
    const recognized = planApproval(request);
    for (const each of recognized) {
      if (!(await this.#isAllowed(request, each))) continue;
      await this.#approve(request, each);
      return this.forget(key);
    }
    if (recognized.length === 0) return this.forget(key);
    const refusals = (this.#refusals.get(formatKey(key)) ?? 0) + 1;
    this.#refusals.set(formatKey(key), refusals);
    const rights = recognized.map(({ right }) => right);
    this.#deps.log.debug("A kubelet's certificate request waits: its maker has none of the rights", { key, rights });
    return { afterMs: backoffDelayMs(BACKOFF, refusals) };
  }

  finalize(request: CertificateSigningRequest): Promise<void> {
    this.forget(keyOf(request));
    return Promise.resolve();
  }

  forget(key: ObjectKey): void {
    this.#refusals.delete(formatKey(key));
  }

  async #isAllowed({ spec }: CertificateSigningRequest, { right }: Recognized): Promise<boolean> {
    const { username, uid, groups, extra } = spec;
    const { group, plural } = certificateSigningRequests;
    const resourceAttributes = { group, version: "*", resource: plural, subresource: right, verb: "create" };
    const review = { metadata: {}, spec: { user: username, uid, groups, extra, resourceAttributes } };
    const { status } = await this.#deps.client.create(subjectAccessReviews, review);
    return status.allowed;
  }

  async #approve(request: CertificateSigningRequest, { message }: Recognized): Promise<void> {
    const approved = { type: "Approved", status: "True", reason: "AutoApproved", message };
    const conditions = [...(request.status.conditions ?? []), approved];
    const decided = { ...request, status: { ...request.status, conditions } };
    await this.#deps.client.update(certificateSigningRequests, decided, { subresource: "approval" });
  }
}
