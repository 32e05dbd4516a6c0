// Keeps pods and claims within the limit ranges of their namespace: gives containers what they do not say, and refuses what is
// beyond the limits.

import { limitRanges, type LimitRange } from "../../api/core/limit-range.ts";
import { findClaimViolations, findPodViolations, withDefaultResources } from "../../api/core/limit-range-rules.ts";
import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import {
  isAbout,
  listSeen,
  refused,
  type AdmissionRequest,
  type AdmissionStep,
  type Admitted,
} from "./admission-step.ts";

export const limitRanger: AdmissionStep = {
  name: "LimitRanger",
  admit: (request) => (isLimited(request) ? admit(request) : undefined),
  validate: (request) => (isLimited(request) ? validate(request) : undefined),
};

/** New pods and those that are resized, and claims; a pod cannot change its resources otherwise. */
function isLimited(request: AdmissionRequest): boolean {
  const { operation, subresource, served, old } = request;
  if ((operation !== "CREATE" && operation !== "UPDATE") || old?.metadata.deletionTimestamp) return false;
  if (isAbout(request, persistentVolumeClaims)) return true;
  if (served.resource.plural !== pods.plural || served.resource.group !== pods.group) return false;
  return operation === "CREATE" ? subresource === undefined : subresource === "resize";
}

const isPod = (object: KubeObject): object is Pod => object.kind === pods.kind;

async function admit(request: AdmissionRequest): Promise<Admitted | undefined> {
  const { object, namespace } = request;
  if (!object || !isPod(object)) return undefined;
  const ranges = await listSeen(request, limitRanges, namespace);
  return ranges.length === 0 ? undefined : { object: ranges.reduce(withDefaultResources, object) };
}

async function validate(request: AdmissionRequest): Promise<undefined> {
  const { object, namespace } = request;
  if (!object) return;
  for (const range of await listSeen(request, limitRanges, namespace)) {
    const violations = findViolations(range, object);
    const [first] = violations;
    if (first !== undefined) throw refused(request, violations.length === 1 ? first : `[${violations.join(", ")}]`);
  }
}

const findViolations = (range: LimitRange, object: KubeObject): readonly string[] => [
  ...new Set(
    isPod(object) ? findPodViolations(range, object) : findClaimViolations(range, object as PersistentVolumeClaim),
  ),
];
