// Runs the admission steps over one write.

import type { KubeObject } from "../../api/meta/object.ts";
import type { Draft } from "../registry/draft.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission-step.ts";

export interface AdmissionResult {
  readonly object: KubeObject;
  readonly besides: readonly Partial<Draft>[];
}

export async function runAdmission(
  steps: readonly AdmissionStep[],
  request: AdmissionRequest & { readonly object: KubeObject },
): Promise<AdmissionResult> {
  let { object } = request;
  const besides: Partial<Draft>[] = [];
  for (const step of steps) {
    const admitted = await step.admit({ ...request, object });
    if (admitted?.object) object = admitted.object;
    if (admitted?.besides) besides.push(admitted.besides);
  }
  return { object, besides };
}

/** Whether an object may be deleted. Throws where not. */
export async function admitDeletion(steps: readonly AdmissionStep[], request: AdmissionRequest): Promise<void> {
  for (const step of steps) await step.admit(request);
}
