// Gives pods what their runtime class says: what running them takes beyond their containers, and where they can run.

import { pods, type Pod } from "../../api/core/pod.ts";
import { mergeTolerations } from "../../api/core/merge-tolerations.ts";
import { totalsOf } from "../../api/core/resource-totals.ts";
import { runtimeClasses, type RuntimeClass } from "../../api/node/runtime-class.ts";
import {
  findSeen,
  isAbout,
  refused,
  type AdmissionRequest,
  type AdmissionStep,
  type Admitted,
} from "./admission-step.ts";

type ResourceList = Readonly<Record<string, string>>;

export const runtimeClass: AdmissionStep = {
  name: "RuntimeClass",
  admit(request) {
    const pod = newPodOf(request);
    return pod?.spec.runtimeClassName === undefined ? undefined : admit(request, pod);
  },
  validate(request) {
    const pod = newPodOf(request);
    // Ordinary pods have neither.
    if (!pod || (pod.spec.runtimeClassName === undefined && !pod.spec.overhead)) return undefined;
    return validate(request, pod);
  },
};

const newPodOf = (request: AdmissionRequest) =>
  request.operation === "CREATE" && isAbout(request, pods) ? (request.object as Pod) : undefined;

async function readClass(request: AdmissionRequest, { spec }: Pod): Promise<RuntimeClass | undefined> {
  const { runtimeClassName: name } = spec;
  if (name === undefined) return undefined;
  const found = await findSeen(request, runtimeClasses, name);
  if (!found) throw refused(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  return found;
}

async function admit(request: AdmissionRequest, pod: Pod): Promise<Admitted> {
  const runtime = await readClass(request, pod);
  const overhead = overheadOf(runtime);
  if (overhead && pod.spec.overhead && !sameAmounts(overhead, pod.spec.overhead)) throw otherOverhead(request);
  const { nodeSelector, tolerations } = runtime?.scheduling ?? {};
  const spec = {
    ...pod.spec,
    ...(overhead && { overhead }),
    ...(nodeSelector && { nodeSelector: mergeSelectors(request, pod.spec.nodeSelector ?? {}, nodeSelector) }),
    ...(tolerations?.length && { tolerations: mergeTolerations(pod.spec.tolerations ?? [], tolerations) }),
  };
  const admitted: Pod = { ...pod, spec };
  return { object: admitted };
}

async function validate(request: AdmissionRequest, pod: Pod): Promise<undefined> {
  const overhead = (await readClass(request, pod))?.overhead;
  if (overhead && !sameAmounts(overhead.podFixed ?? {}, pod.spec.overhead ?? {})) throw otherOverhead(request);
  if (!overhead && pod.spec.overhead) {
    throw refused(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
  }
}

function overheadOf(runtime: RuntimeClass | undefined): ResourceList | undefined {
  const { podFixed } = runtime?.overhead ?? {};
  return podFixed && Object.keys(podFixed).length > 0 ? podFixed : undefined;
}

const otherOverhead = (request: AdmissionRequest) =>
  refused(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");

function sameAmounts(a: ResourceList, b: ResourceList): boolean {
  const [left, right] = [totalsOf(a), totalsOf(b)];
  return left.size === right.size && [...left].every(([name, { nanos }]) => right.get(name)?.nanos === nanos);
}

type Labels = Readonly<Record<string, string>>;

function mergeSelectors(request: AdmissionRequest, ofPod: Labels, ofClass: Labels): Labels {
  for (const [key, value] of Object.entries(ofClass)) {
    const own = Object.hasOwn(ofPod, key) ? ofPod[key] : undefined;
    if (own === undefined || own === value) continue;
    const detail = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`;
    throw refused(request, detail);
  }
  return { ...ofPod, ...ofClass };
}
