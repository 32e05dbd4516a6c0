// The pod that a job makes from its template. Pods of indexed jobs carry their index in their name, as annotation, label,
// host name and environment variable. Pure.

import { jobs, type Job } from "../../api/batch/job.ts";
import type { Container } from "../../api/core/container.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { ownerReferenceTo } from "../../api/meta/owner.ts";
import { failureAnnotations } from "./failure-policy.ts";
import type { PodToCreate } from "./plan-pods.ts";
import { COMPLETION_INDEX, TRACKING_FINALIZER } from "./pod-facts.ts";

const INDEX_VARIABLE = "JOB_COMPLETION_INDEX";
/** What the server keeps of a generated name's beginning. */
const NAME_PREFIX_MAX = 58;

export function buildPod(job: Job, { index, instead }: PodToCreate): NewObject<Pod> {
  const { metadata: template = {}, spec } = job.spec.template;
  const { name, namespace } = job.metadata;
  const indexed = index === undefined ? undefined : ofIndex(job, index);
  const counts = job.spec.backoffLimitPerIndex === undefined ? {} : failureAnnotations(instead, job);
  return {
    metadata: {
      generateName: indexed?.generateName ?? `${name}-`,
      namespace,
      labels: { ...template.labels, ...indexed?.marks },
      annotations: { ...template.annotations, ...indexed?.marks, ...counts },
      finalizers: [...new Set([...(template.finalizers ?? []), TRACKING_FINALIZER])],
      ownerReferences: [ownerReferenceTo(job, jobs)],
    },
    spec: indexed ? withIndexVariable({ ...spec, hostname: indexed.hostname }) : spec,
  };
}

function ofIndex({ metadata: { name } }: Job, index: number) {
  const suffix = `-${index}-`;
  return {
    generateName: name.slice(0, NAME_PREFIX_MAX - suffix.length) + suffix,
    hostname: `${name}-${index}`,
    marks: { [COMPLETION_INDEX]: String(index) },
  };
}

const withIndexVariable = (spec: Pod["spec"]): Pod["spec"] => ({
  ...spec,
  containers: spec.containers.map(addVariable),
  ...(spec.initContainers && { initContainers: spec.initContainers.map(addVariable) }),
});

/** A variable that the template gives stays. */
function addVariable<C extends Pick<Container, "env">>(container: C): C {
  const { env = [] } = container;
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container;
  const fieldRef = { fieldPath: `metadata.labels['${COMPLETION_INDEX}']` };
  return { ...container, env: [...env, { name: INDEX_VARIABLE, valueFrom: { fieldRef } }] };
}
