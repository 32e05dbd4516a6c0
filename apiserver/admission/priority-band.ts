// Bands of priorities: a class that joins one has a value of its range, and its pods carry the band as a label that nobody but
// the server writes. Rules about bands (who makes room for whom, whose quota is whose) can therefore go by the label.

import { BAND_LABEL, rangeOf, REQUIRES_QUOTA_LABEL, unknownBand } from "../../api/kctl-scheduling/bands.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { resourceQuotas } from "../../api/core/resource-quota.ts";
import { priorityClasses, type PriorityClass } from "../../api/scheduling/priority-class.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { invalid } from "../../api/meta/status.ts";
import { invalidField } from "../../api/schema/field-error.ts";
import {
  findSeen,
  isAbout,
  listSeen,
  refused,
  type AdmissionRequest,
  type AdmissionStep,
  type Admitted,
} from "./admission-step.ts";

export const priorityBand: AdmissionStep = {
  name: "PriorityBand",
  admit(request) {
    const { operation, served, object, old } = request;
    const isPod = served.resource.plural === pods.plural && served.resource.group === pods.group;
    if (!object || !isPod) return undefined;
    if (old) return keepStamp(request, object, old);
    return operation === "CREATE" && isAbout(request, pods) ? stampNew(request, object as Pod) : undefined;
  },
  validate(request) {
    const { object } = request;
    return object && isAbout(request, priorityClasses) ? checkClass(request, object as PriorityClass) : undefined;
  },
};

const stampOf = ({ metadata }: KubeObject) => metadata.labels?.[BAND_LABEL];

async function stampNew(request: AdmissionRequest, pod: Pod): Promise<Admitted | undefined> {
  const { priorityClassName } = pod.spec;
  const found = priorityClassName ? await findSeen(request, priorityClasses, priorityClassName) : undefined;
  const band = found && stampOf(found);
  const sent = stampOf(pod);
  if (sent !== undefined && sent !== band)
    throw forged(request, sent, `priority class ${priorityClassName || "<none>"}`);
  if (!found || band === undefined) return undefined;
  await requireQuota(request, found, band);
  return { object: withStamp(pod, band) };
}

/** Clients that replace a pod by their own text of it leave the stamp out. */
function keepStamp(request: AdmissionRequest, object: KubeObject, old: KubeObject): Admitted | undefined {
  const [band, sent] = [stampOf(old), stampOf(object)];
  if (band === sent) return undefined;
  if (sent !== undefined || band === undefined) throw forged(request, sent ?? "", "the pod");
  return { object: withStamp(object, band) };
}

const withStamp = <T extends KubeObject>(object: T, band: string): T => {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, [BAND_LABEL]: band } } };
};

const forged = (request: AdmissionRequest, sent: string, bearer: string) =>
  refused(request, `label ${BAND_LABEL} is written by the server, and "${sent}" is not the band of ${bearer}`);

/** What Kubernetes' configuration of quotas calls limited resources, for a class that asks for it. */
async function requireQuota(request: AdmissionRequest, { metadata }: PriorityClass, band: string): Promise<void> {
  if (metadata.labels?.[REQUIRES_QUOTA_LABEL] !== "true") return;
  const quotas = await listSeen(request, resourceQuotas, request.namespace);
  if (quotas.some((quota) => stampOf(quota) === band)) return;
  const detail = `priority class ${metadata.name} requires a quota, and no ResourceQuota of the namespace is labeled ${BAND_LABEL}=${band}`;
  throw refused(request, detail);
}

function checkClass({ name }: AdmissionRequest, priorityClass: PriorityClass): undefined {
  const band = stampOf(priorityClass);
  if (band === undefined) return;
  const range = rangeOf(band);
  const { value } = priorityClass;
  if (!range) throw invalid(priorityClasses, name, [unknownBand(BAND_LABEL, band)]);
  if (value >= range.min && value <= range.max) return;
  const detail = `must be in the range of band ${band}, ${range.min} to ${range.max}`;
  throw invalid(priorityClasses, name, [invalidField("value", value, detail)]);
}
