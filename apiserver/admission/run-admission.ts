// Runs the admission steps over one write: first those parts that may change the object, then those that may only refuse it.

import type { KubeObject, ObjectKey } from "../../api/meta/object.ts";
import { pause } from "../../lib/clock.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import type { Draft } from "../registry/draft.ts";
import { readDryRun } from "../registry/request-object.ts";
import { cachedView, type View } from "../registry/view.ts";
import type { Server } from "../server.ts";
import type { AdmissionRequest, AdmissionStep, Admitted } from "./admission-step.ts";

export interface AdmissionResult {
  readonly object: KubeObject;
  readonly besides: readonly Partial<Draft>[];
}

interface Target {
  readonly operation: AdmissionRequest["operation"];
  readonly key: ObjectKey;
  readonly old?: KubeObject;
  readonly view: View;
  /** What the query says unless given. */
  readonly isDryRun?: boolean;
}

/** What the steps are told of a request, but for the object. */
export function admissionRequest(server: Server, request: ApiRequest, target: Target): AdmissionRequest {
  const { served, user, subresource, warnings } = request;
  const { operation, key, old, view, isDryRun = readDryRun(request) } = target;
  return {
    operation,
    served,
    resources: server.resources,
    subresource,
    namespace: key.namespace,
    name: key.name,
    old,
    user,
    isDryRun,
    nowMs: server.clock.now(),
    authorizer: server.auth.authorizer,
    random: server.random,
    pause: (delayMs) => pause(server.clock, delayMs, request.http.signal),
    view,
    warn: (text) => warnings.push(text),
  };
}

type WithObject = AdmissionRequest & { readonly object: KubeObject };

/** The object as the steps leave it. */
export async function runAdmission(steps: readonly AdmissionStep[], request: WithObject): Promise<AdmissionResult> {
  let current = request;
  const besides: Partial<Draft>[] = [];
  for (const step of steps) {
    const answer = step.admit?.(current);
    if (answer === undefined) continue;
    const admitted: Admitted | undefined = answer instanceof Promise ? await answer : answer;
    if (admitted?.object) current = { ...current, object: admitted.object };
    if (admitted?.besides) besides.push(admitted.besides);
  }
  return { object: current.object, besides };
}

/** What must hold and change with the complete and valid object, which a step may still refuse. */
export async function runValidation(
  steps: readonly AdmissionStep[],
  request: AdmissionRequest,
): Promise<readonly Partial<Draft>[]> {
  const besides: Partial<Draft>[] = [];
  for (const step of steps) {
    const answer = step.validate?.(request);
    if (answer === undefined) continue;
    const more = answer instanceof Promise ? await answer : answer;
    if (more) besides.push(more);
  }
  return besides;
}

/** What a write without an object rests on: a deletion, say. Throws where it is refused. */
export async function admitDeletion(
  steps: readonly AdmissionStep[],
  request: AdmissionRequest,
): Promise<readonly Partial<Draft>[]> {
  const besides: Partial<Draft>[] = [];
  for (const step of steps) {
    const admitted = await step.admit?.(request);
    if (admitted?.besides) besides.push(admitted.besides);
  }
  return [...besides, ...(await runValidation(steps, request))];
}

/** Throws where a step refuses that the client is connected to what the request names: with exec, a proxy and the like. */
export async function admitConnection(server: Server, request: ApiRequest): Promise<void> {
  const target = { operation: "CONNECT", key: targetOf(request), view: cachedView } as const;
  await admitDeletion(server.admission, admissionRequest(server, request, target));
}
