// The band of a namespace: its pods that name no class get one of that band.

import { BAND_LABEL, DEFAULT_BAND_LABEL, rangeOf, unknownBand } from "../../api/kctl-scheduling/bands.ts";
import { namespaces } from "../../api/core/namespace.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { priorityClasses, type PriorityClass } from "../../api/scheduling/priority-class.ts";
import { invalid } from "../../api/meta/status.ts";
import {
  findSeen,
  isAbout,
  listSeen,
  refused,
  type AdmissionRequest,
  type AdmissionStep,
  type Admitted,
} from "./admission-step.ts";

export const defaultBand: AdmissionStep = {
  name: "DefaultBand",
  admit(request) {
    const { operation, object } = request;
    if (operation !== "CREATE" || !object || !isAbout(request, pods)) return undefined;
    const { priorityClassName, priority } = (object as Pod).spec;
    return priorityClassName || priority !== undefined ? undefined : admit(request, object as Pod);
  },
  validate(request) {
    const { object, old } = request;
    const band = object?.metadata.labels?.[DEFAULT_BAND_LABEL];
    if (band === undefined || !isAbout(request, namespaces) || band === old?.metadata.labels?.[DEFAULT_BAND_LABEL]) {
      return undefined;
    }
    if (rangeOf(band)) return undefined;
    throw invalid(namespaces, request.name, [unknownBand(DEFAULT_BAND_LABEL, band)]);
  },
};

async function admit(request: AdmissionRequest, pod: Pod): Promise<Admitted | undefined> {
  const { namespace = "" } = request;
  const band = (await findSeen(request, namespaces, namespace))?.metadata.labels?.[DEFAULT_BAND_LABEL];
  if (band === undefined) return undefined;
  const ofBand = (await listSeen(request, priorityClasses)).filter(
    ({ metadata }) => metadata.labels?.[BAND_LABEL] === band,
  );
  const [first, ...others] = ofBand;
  if (!first) {
    const detail = `namespace ${namespace} has the default band ${band}, but no PriorityClass is labeled ${BAND_LABEL}=${band}`;
    throw refused(request, detail);
  }
  const { metadata } = others.reduce(lower, first);
  const admitted: Pod = { ...pod, spec: { ...pod.spec, priorityClassName: metadata.name } };
  return { object: admitted };
}

const lower = (a: PriorityClass, b: PriorityClass) => (b.value < a.value ? b : a);
