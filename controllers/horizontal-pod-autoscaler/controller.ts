// Sets the number of replicas of whatever an autoscaler points at by what its metrics say: every 15 seconds, for as long as
// the autoscaler is there. What was recommended lately is kept in memory only; after a start it begins with what it finds.

import {
  horizontalPodAutoscalers,
  type HorizontalPodAutoscaler,
} from "../../api/autoscaling/horizontal-pod-autoscaler.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { formatKey, keyOf, type ObjectKey } from "../../api/meta/object.ts";
import { matchesSelector, parseSelector, SelectorError, type Selector } from "../../api/meta/selector.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { ignoreNotFound, isConflict, StatusError } from "../../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import type { Informer } from "../../client/informer.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { BY_NAMESPACE, byNamespace } from "../by-namespace.ts";
import { planStatus, type Outcome, type Statement } from "./conditions.ts";
import { findMetric, judgeMetrics, type Judgement } from "./judge-metrics.ts";
import { MetricReader } from "./metric-reader.ts";
import { planReplicas, rememberChange, type Memory } from "./plan-replicas.ts";
import { propose, type Scaled } from "./propose.ts";
import { findKind, KindError, readScale, type ScaleTarget } from "./scale-target.ts";

const SYNC_MS = 15_000;
const INT32_MAX = 2 ** 31 - 1;

export const horizontalPodAutoscalerController: Controller<HorizontalPodAutoscaler> = {
  name: "horizontal-pod-autoscaler",
  for: horizontalPodAutoscalers,
  build: (deps) => new AutoscalerReconciler(deps),
};

/** What is kept of an autoscaler between two looks at it. */
interface Known {
  readonly memory: Memory;
  /** Looked at so, and then. */
  readonly spec: HorizontalPodAutoscaler["spec"];
  readonly lookedMs: number;
  /** Of its pods; undefined until it is known. */
  readonly selector?: Selector;
}

/** What is to be done, and why. */
interface Decision {
  readonly replicas: number;
  readonly reason: string;
  readonly statements: readonly Statement[];
  readonly judgement?: Judgement;
}

class AutoscalerReconciler implements Reconciler<HorizontalPodAutoscaler> {
  readonly #deps: ControllerDeps;
  readonly #pods: Informer<Pod>;
  readonly #reader: MetricReader;
  readonly #known = new Map<string, Known>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#pods = deps.informer(pods, byNamespace);
    this.#reader = new MetricReader(deps.client);
  }

  async reconcile(autoscaler: HorizontalPodAutoscaler, signal: AbortSignal): Promise<Requeue | void> {
    if (autoscaler.metadata.deletionTimestamp) return undefined;
    const key = formatKey(keyOf(autoscaler));
    const nowMs = this.#deps.clock.monotonic();
    const known = this.#known.get(key);
    // Its own status comes back as a change, and metrics are no younger before their time.
    const dueMs = known && semanticEqual(known.spec, autoscaler.spec) ? known.lookedMs + SYNC_MS : nowMs;
    if (dueMs > nowMs) return { afterMs: dueMs - nowMs };
    const memory = known?.memory ?? { recommendations: [], events: [] };
    this.#known.set(key, { ...known, memory, spec: autoscaler.spec, lookedMs: nowMs });
    const outcome = await this.#look(autoscaler, signal);
    await this.#report(autoscaler, outcome);
    return { afterMs: SYNC_MS };
  }

  forget(key: ObjectKey): void {
    this.#known.delete(formatKey(key));
  }

  async #look(autoscaler: HorizontalPodAutoscaler, signal: AbortSignal): Promise<Outcome> {
    let target: ScaleTarget;
    try {
      const { scaleTargetRef: reference } = autoscaler.spec;
      const namespace = autoscaler.metadata.namespace ?? "";
      target = await readScale(this.#deps.client, { reference, namespace }, signal);
    } catch (error) {
      return this.#explainMissingTarget(autoscaler, error);
    }
    const current = target.scale.spec.replicas ?? 0;
    const found = statement("AbleToScale", true, {
      reason: "SucceededGetScale",
      message: "the HPA controller was able to get the target's current scale",
    });
    const decision = await this.#decide(autoscaler, target, signal);
    const statements = [found, ...decision.statements];
    const metrics = decision.judgement?.statuses ?? [];
    if (decision.replicas === current) {
      const isUndecided = decision.judgement !== undefined && !decision.judgement.proposed;
      return { statements, metrics, replicas: { current, desired: isUndecided ? undefined : current } };
    }
    return this.#rescale(autoscaler, { target, decision, outcome: { statements, metrics, replicas: { current } } });
  }

  /** Expected failures are told by a condition and an event; the next look comes in its time. */
  #explainMissingTarget(autoscaler: HorizontalPodAutoscaler, error: unknown): Outcome {
    if (!(error instanceof KindError) && !(error instanceof StatusError)) throw error;
    const isKindUnknown = error instanceof KindError && error.about === "kind";
    const prefix = isKindUnknown ? "unable to determine resource for scale target reference: " : "";
    this.#warn(autoscaler, "FailedGetScale", prefix + error.message);
    const message = `the HPA controller was unable to get the target's current scale: ${prefix}${error.message}`;
    return { statements: [statement("AbleToScale", false, { reason: "FailedGetScale", message })] };
  }

  async #decide(autoscaler: HorizontalPodAutoscaler, target: ScaleTarget, signal: AbortSignal): Promise<Decision> {
    const { minReplicas = 1, maxReplicas } = autoscaler.spec;
    const current = target.scale.spec.replicas ?? 0;
    this.#rememberStart(autoscaler, current);
    if (current === 0 && minReplicas !== 0) {
      const message = "scaling is disabled since the replica count of the target is zero";
      const disabled = statement("ScalingActive", false, { reason: "ScalingDisabled", message });
      return { replicas: 0, reason: "", statements: [disabled] };
    }
    if (current > maxReplicas) {
      return { replicas: maxReplicas, reason: "Current number of replicas above Spec.MaxReplicas", statements: [] };
    }
    if (current < minReplicas) {
      return { replicas: minReplicas, reason: "Current number of replicas below Spec.MinReplicas", statements: [] };
    }
    const chosen = this.#choosePods(autoscaler, target);
    if ("reason" in chosen) {
      this.#warn(autoscaler, chosen.reason, chosen.event);
      const invalid = statement("ScalingActive", false, chosen);
      this.#warn(autoscaler, "FailedComputeMetricsReplicas", chosen.event);
      return { replicas: current, reason: "", statements: [invalid], judgement: NOTHING_JUDGED };
    }
    const judgement = await this.#judge(autoscaler, chosen, signal);
    return judgement.proposed
      ? this.#limit(autoscaler, { current, judgement, proposed: judgement.proposed })
      : this.#explainUnknown(autoscaler, current, judgement);
  }

  /** The pods of the target, or why they cannot be told apart. */
  #choosePods(autoscaler: HorizontalPodAutoscaler, { scale }: ScaleTarget): Scaled | Invalid {
    const text = scale.status.selector ?? "";
    if (text === "") {
      const message = "the HPA target's scale is missing a selector";
      return { reason: "InvalidSelector", event: "selector is required", message };
    }
    const selector = readSelector(text);
    if (typeof selector === "string") return { reason: "InvalidSelector", event: selector, message: selector };
    const namespace = autoscaler.metadata.namespace ?? "";
    const key = formatKey(keyOf(autoscaler));
    const known = this.#known.get(key);
    if (known) this.#known.set(key, { ...known, selector });
    const own = this.#pods
      .byIndex(BY_NAMESPACE, namespace)
      .filter(({ metadata }) => matchesSelector(selector, metadata.labels));
    const rivals = this.#rivalsOf(key, namespace, own);
    if (rivals.length > 0) {
      const names = [key, ...rivals].sort().join(" ");
      const message = `pods by selector ${text} are controlled by multiple HPAs: [${names}]`;
      return { reason: "AmbiguousSelector", event: message, message };
    }
    return {
      namespace,
      selector: text,
      pods: own,
      specReplicas: scale.spec.replicas ?? 0,
      statusReplicas: scale.status.replicas ?? 0,
      nowMs: this.#deps.clock.now(),
    };
  }

  /** Other autoscalers that count one of the same pods. */
  #rivalsOf(key: string, namespace: string, own: readonly Pod[]): readonly string[] {
    const others = [...this.#known].filter(([other]) => other !== key && other.startsWith(`${namespace}/`));
    return others
      .filter(([, { selector }]) => selector && own.some(({ metadata }) => matchesSelector(selector, metadata.labels)))
      .map(([other]) => other);
  }

  async #judge(autoscaler: HorizontalPodAutoscaler, scaled: Scaled, signal: AbortSignal): Promise<Judgement> {
    const deps = {
      reader: this.#reader,
      findKind: (reference: Parameters<typeof findKind>[1]) => findKind(this.#deps.client, reference, signal),
    };
    const metrics = autoscaler.spec.metrics ?? [];
    const findings = metrics.map((metric) => findMetric(metric, propose(deps, { metric, scaled }, signal)));
    const judgement = judgeMetrics(await Promise.all(findings), scaled.specReplicas);
    for (const { reason, message } of judgement.failures) this.#warn(autoscaler, reason, message);
    return judgement;
  }

  #explainUnknown(autoscaler: HorizontalPodAutoscaler, current: number, judgement: Judgement): Decision {
    const [first] = judgement.failures;
    const { problem = "there are no metrics" } = judgement;
    this.#warn(autoscaler, "FailedComputeMetricsReplicas", problem);
    const message = `the HPA was unable to compute the replica count: ${first?.message ?? problem}`;
    const reason = first?.reason ?? "FailedComputeMetricsReplicas";
    const inactive = statement("ScalingActive", false, { reason, message });
    return { replicas: current, reason: "", statements: [inactive], judgement };
  }

  #limit(
    autoscaler: HorizontalPodAutoscaler,
    input: {
      readonly current: number;
      readonly judgement: Judgement;
      readonly proposed: { replicas: number; name: string };
    },
  ): Decision {
    const { minReplicas = 1, maxReplicas, behavior } = autoscaler.spec;
    const { current, judgement, proposed } = input;
    const key = formatKey(keyOf(autoscaler));
    const nowMs = this.#deps.clock.monotonic();
    const known = this.#known.get(key);
    const memory = known?.memory ?? { recommendations: [], events: [] };
    const wanted = Math.min(proposed.replicas, INT32_MAX);
    const plan = planReplicas({
      currentReplicas: current,
      proposed: wanted,
      minReplicas,
      maxReplicas,
      behavior,
      memory,
      nowMs,
    });
    if (known) this.#known.set(key, { ...known, memory: { ...memory, recommendations: plan.recommendations } });
    const message = `the HPA was able to successfully calculate a replica count from ${proposed.name}`;
    return {
      replicas: plan.replicas,
      reason: wanted > current ? `${proposed.name} above target` : "All metrics below target",
      statements: [
        statement("ScalingActive", true, { reason: "ValidMetricFound", message }),
        statement("AbleToScale", true, plan.ableToScale),
        statement("ScalingLimited", plan.limited.isLimited, plan.limited),
      ],
      judgement,
    };
  }

  async #rescale(
    autoscaler: HorizontalPodAutoscaler,
    { target, decision, outcome }: { target: ScaleTarget; decision: Decision; outcome: Outcome },
  ): Promise<Outcome> {
    const { resource, scale } = target;
    const { replicas, reason } = decision;
    const current = scale.spec.replicas ?? 0;
    try {
      await this.#deps.client.update(
        resource,
        { ...scale, spec: { ...scale.spec, replicas } },
        { subresource: "scale" },
      );
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#warn(autoscaler, "FailedRescale", `New size: ${replicas}; reason: ${reason}; error: ${error.message}`);
      const message = `the HPA controller was unable to update the target scale: ${error.message}`;
      const failed = statement("AbleToScale", false, { reason: "FailedUpdateScale", message });
      return { ...outcome, statements: [...outcome.statements, failed] };
    }
    this.#deps.events.record(
      { object: autoscaler },
      "Normal",
      "SuccessfulRescale",
      `New size: ${replicas}; reason: ${reason}`,
    );
    this.#rememberRescale(autoscaler, replicas - current);
    const message = `the HPA controller was able to update the target scale to ${replicas}`;
    const done = statement("AbleToScale", true, { reason: "SucceededRescale", message });
    const statements = [...outcome.statements, done];
    return { ...outcome, statements, replicas: { current, desired: replicas }, hasScaled: true };
  }

  /** What an autoscaler finds at first counts as wanted, so that it takes nothing away before its window has passed. */
  #rememberStart(autoscaler: HorizontalPodAutoscaler, replicas: number): void {
    const key = formatKey(keyOf(autoscaler));
    const known = this.#known.get(key);
    if (!known || known.memory.recommendations.length > 0) return;
    const recommendations = [{ replicas, atMs: this.#deps.clock.monotonic() }];
    this.#known.set(key, { ...known, memory: { ...known.memory, recommendations } });
  }

  #rememberRescale(autoscaler: HorizontalPodAutoscaler, change: number): void {
    const key = formatKey(keyOf(autoscaler));
    const known = this.#known.get(key);
    if (!known) return;
    const events = rememberChange(known.memory.events, change, this.#deps.clock.monotonic());
    this.#known.set(key, { ...known, memory: { ...known.memory, events } });
  }

  async #report(autoscaler: HorizontalPodAutoscaler, outcome: Outcome): Promise<void> {
    const status = planStatus(autoscaler, outcome, this.#deps.clock.now());
    if (semanticEqual(status, autoscaler.status)) return;
    const next = { ...autoscaler, status };
    try {
      await this.#deps.client.update(horizontalPodAutoscalers, next, { subresource: "status" }).catch(ignoreNotFound);
    } catch (error) {
      // Somebody has changed it meanwhile: the next look is at what it is then.
      if (!isConflict(error)) throw error;
    }
  }

  #warn(autoscaler: HorizontalPodAutoscaler, reason: string, message: string): void {
    this.#deps.events.record({ object: autoscaler }, "Warning", reason, message);
  }
}

interface Invalid {
  readonly reason: string;
  readonly message: string;
  readonly event: string;
}

const NOTHING_JUDGED: Judgement = { statuses: [], failures: [] };

function readSelector(text: string): Selector | string {
  try {
    return parseSelector(text);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    return `couldn't convert selector into a corresponding internal selector object: ${errorMessage(error)}`;
  }
}

const statement = (
  type: Statement["type"],
  holds: boolean,
  { reason, message }: { readonly reason: string; readonly message: string },
): Statement => ({ type, holds, reason, message });
