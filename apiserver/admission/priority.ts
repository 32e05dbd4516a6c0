// Gives new pods the priority that their class stands for, or the cluster's default class; and sees to it that there is only
// one default.

import { pods, type Pod } from "../../api/core/pod.ts";
import { priorityClasses, type PriorityClass } from "../../api/scheduling/priority-class.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { forbidden } from "../../api/meta/status.ts";
import { objectOf } from "../registry/view.ts";
import type { Entry } from "../storage/cache-entry.ts";
import {
  findSeen,
  isAbout,
  refused,
  type AdmissionRequest,
  type AdmissionStep,
  type Admitted,
} from "./admission-step.ts";

export const priority: AdmissionStep = {
  name: "Priority",
  admit(request) {
    const { operation, object, old } = request;
    if (!object || !isAbout(request, pods)) return undefined;
    if (operation === "CREATE") return admitNew(request, object as Pod);
    return operation === "UPDATE" && old ? { object: withKeptPriority(object as Pod, old as Pod) } : undefined;
  },
  validate(request) {
    const { operation, object } = request;
    const isWrite = operation === "CREATE" || operation === "UPDATE";
    return isWrite && object && isAbout(request, priorityClasses) ? refuseSecondDefault(request, object) : undefined;
  },
};

async function admitNew(request: AdmissionRequest, pod: Pod): Promise<Admitted> {
  const chosen = await choosePriority(request, pod);
  const { priorityClassName, value, preemptionPolicy } = chosen;
  const sent = pod.spec;
  if (sent.priority !== undefined && sent.priority !== value) {
    const detail = `the integer value of priority (${sent.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
    throw refused(request, detail);
  }
  if (preemptionPolicy && sent.preemptionPolicy && sent.preemptionPolicy !== preemptionPolicy) {
    const detail = `the string value of PreemptionPolicy (${sent.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`;
    throw refused(request, detail);
  }
  const spec = {
    ...sent,
    ...(priorityClassName && { priorityClassName }),
    priority: value,
    ...(preemptionPolicy && { preemptionPolicy }),
  };
  return { object: { ...pod, spec } as Pod };
}

interface Chosen extends Pick<PriorityClass, "value" | "preemptionPolicy"> {
  readonly priorityClassName?: string;
}

/** Without any class, pods have priority 0 and may displace others. */
const NO_CLASS: Chosen = { value: 0, preemptionPolicy: "PreemptLowerPriority" };

async function choosePriority(request: AdmissionRequest, { spec }: Pod): Promise<Chosen> {
  const { priorityClassName } = spec;
  if (!priorityClassName) {
    const byDefault = await findDefault(request);
    return byDefault ? { ...byDefault, priorityClassName: byDefault.metadata.name } : NO_CLASS;
  }
  const named = await findSeen(request, priorityClasses, priorityClassName);
  if (!named) throw refused(request, `no PriorityClass with name ${priorityClassName} was found`);
  return { ...named, priorityClassName };
}

/** By the list of classes as it was seen: it is the same array while no class changes. */
const defaults = new WeakMap<readonly Entry[], { readonly found: PriorityClass | undefined }>();

async function findDefault({ resources, view }: AdmissionRequest): Promise<PriorityClass | undefined> {
  const served = resources.find(priorityClasses.group, priorityClasses.version, priorityClasses.plural);
  const entries = served ? await view.list(served) : [];
  const known = defaults.get(entries);
  if (known) return known.found;
  const found = chooseDefault(entries.map((entry) => objectOf<PriorityClass>(entry)));
  defaults.set(entries, { found });
  return found;
}

/** Should there be several after all, the one with the lowest priority. */
function chooseDefault(classes: readonly PriorityClass[]): PriorityClass | undefined {
  const [first, ...others] = classes.filter(({ globalDefault }) => globalDefault);
  return first && others.reduce((lowest, each) => (each.value < lowest.value ? each : lowest), first);
}

/** Clients may leave out what the server has filled in. */
function withKeptPriority(pod: Pod, { spec: { priority: before, preemptionPolicy } }: Pod): Pod {
  const { spec } = pod;
  const isMissing = (value: unknown, old: unknown) => value === undefined && old !== undefined;
  if (!isMissing(spec.priority, before) && !isMissing(spec.preemptionPolicy, preemptionPolicy)) return pod;
  return {
    ...pod,
    spec: { ...spec, priority: spec.priority ?? before, preemptionPolicy: spec.preemptionPolicy ?? preemptionPolicy },
  };
}

async function refuseSecondDefault(request: AdmissionRequest, object: KubeObject): Promise<undefined> {
  const { operation } = request;
  if (!(object as PriorityClass).globalDefault) return;
  const present = await findDefault(request);
  if (!present || (operation === "UPDATE" && present.metadata.name === object.metadata.name)) return;
  throw secondDefault(object.metadata.name, present.metadata.name);
}

export const secondDefault = (name: string, present: string) =>
  forbidden(priorityClasses, name, `PriorityClass ${present} is already marked as default. Only one default can exist`);
