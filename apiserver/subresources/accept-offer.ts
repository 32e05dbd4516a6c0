// `offers/accept`: a framework starts tasks on what it was offered. The pods are created and bound to the node in one transaction
// with the end of the offer and the node's allocation record; a task that finds no room any more is left out and reported.
//
// Nothing is allowed here that the framework's owner could not do otherwise: each pod is one that the user may create, and goes
// through admission, quotas and validation as any other.

import type { ResourceAmounts } from "../../api/core/pod-resources.ts";
import { resourceAmounts } from "../../api/core/pod-resources.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { nodes } from "../../api/core/node.ts";
import { frameworks, type Framework } from "../../api/kctl-scheduling/framework.ts";
import { acceptanceKind, offerAcceptance, TASKS_MAX, type TaskResult } from "../../api/kctl-scheduling/offer-answer.ts";
import { offers, type Offer } from "../../api/kctl-scheduling/offer.ts";
import { FRAMEWORK_LABEL, ROLE_LABEL, roleNameOf } from "../../api/kctl-scheduling/sharing-role.ts";
import { setCondition } from "../../api/meta/condition-list.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { alreadyExists, conflict, forbidden, StatusError } from "../../api/meta/status.ts";
import { apiVersionOf } from "../../api/resource.ts";
import type { Infer } from "../../api/schema/schema.ts";
import { formatTime } from "../../lib/clock.ts";
import { outcomeOf } from "../allocation/placement-metrics.ts";
import { NoRoom } from "../allocation/refusals.ts";
import type { DataAnswer } from "../answer.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import { forbiddenRequest } from "../authorizer.ts";
import { planCreation } from "../registry/create.ts";
import { mergeDrafts, type Draft } from "../registry/draft.ts";
import { withNewMetadata } from "../registry/metadata.ts";
import { decodeAs, readDryRun, readObject } from "../registry/request-object.ts";
import { cachedView, liveView, type View } from "../registry/view.ts";
import type { Server } from "../server.ts";
import { Conflict } from "../storage/store.ts";
import { checkedFilter, closed, findOffered, planAnswer, typeOf, type Offered } from "./answer-offer.ts";

const ATTEMPTS_MAX = 12;

interface SentAcceptance extends KubeObject, Infer<typeof offerAcceptance> {
  readonly kind: string;
  readonly apiVersion: string;
}
type SentTask = SentAcceptance["tasks"][number];

export async function acceptOffer(server: Server, request: ApiRequest): Promise<DataAnswer> {
  const sent = await readObject<SentAcceptance>(request, { ...acceptanceKind, schema: offerAcceptance });
  const filterSeconds = checkedFilter(sent.filterSeconds);
  if (!sent.tasks?.length)
    throw new StatusError("BadRequest", "tasks: Required value: to start nothing, decline the offer");
  if (sent.tasks.length > TASKS_MAX) throw new StatusError("BadRequest", `tasks: must have at most ${TASKS_MAX} items`);
  const acceptance = new Acceptance(server, request, { tasks: sent.tasks, filterSeconds });
  const results = await acceptance.run();
  return { kind: "data", status: 201, data: { ...typeOf(acceptanceKind), filterSeconds, results } };
}

interface Wanted {
  readonly tasks: readonly SentTask[];
  readonly filterSeconds: number;
}

/** A task that can be started as far as is known. */
interface Planned {
  readonly index: number;
  readonly pod: KubeObject;
  readonly draft: Draft;
}

interface Attempt {
  readonly framework: string;
  readonly planned: readonly Planned[];
  readonly draft: Draft | undefined;
}

class Acceptance {
  readonly #server: Server;
  readonly #request: ApiRequest;
  readonly #wanted: Wanted;
  /** Why tasks are not started, by index. */
  #failures = new Map<number, StatusError>();

  constructor(server: Server, request: ApiRequest, wanted: Wanted) {
    this.#server = server;
    this.#request = request;
    this.#wanted = wanted;
  }

  /** Throws where the offer cannot be accepted at all. */
  async run(): Promise<readonly TaskResult[]> {
    const isDryRun = readDryRun(this.#request);
    let view: View = cachedView;
    // Each attempt may leave out one task more.
    for (let attempts = 1; attempts < ATTEMPTS_MAX + TASKS_MAX; attempts += 1) {
      try {
        const attempt = await this.#plan(view);
        // A refusal may rest on what the cache shows wrongly.
        const isFirm = view.isLive || this.#failures.size === 0;
        if (isFirm && (isDryRun || (await this.#commit(attempt)))) return this.#report(attempt, isDryRun);
        if (!view.isLive) this.#failures.clear();
      } catch (error) {
        this.#noteFailure(error, { isLive: view.isLive, attempts });
      }
      view = liveView(this.#server.store);
    }
    throw this.#contended();
  }

  async #plan(view: View): Promise<Attempt> {
    const { offer, framework } = await findOffered(this.#server, this.#request, view);
    await this.#assertNode(offer, view);
    const planned = await this.#planTasks({ offer, framework }, view);
    const refusals = await this.#server.allocations.findRefusals(planned.map(({ draft }) => draft));
    refusals.forEach((refusal, at) => this.#fail(planned[at]?.index, refusal));
    const started = planned.filter(({ index }) => !this.#failures.has(index));
    const conflicts = [...this.#failures.values()].filter((failure) => outcomeOf(failure) === "conflict").length;
    const next = (old: Offer): Offer => {
      const { status, ...ended } = closed(old, { ...this.#wanted, server: this.#server, phase: "Accepted" });
      return { ...ended, status: { ...status, tasksStarted: started.length, conflicts } };
    };
    const end = await planAnswer(this.#server, this.#request, { view, next });
    const draft = end.draft && mergeDrafts([end.draft, ...started.map((each) => each.draft)]);
    return { framework: framework.metadata.name, planned: started, draft };
  }

  /** False: another attempt may do better. */
  async #commit({ draft, planned }: Attempt): Promise<boolean> {
    try {
      if (draft) await this.#server.ledger.commit(draft);
      return true;
    } catch (error) {
      const last = planned.at(-1);
      if (!(error instanceof StatusError) || !last) throw error;
      // Each task fits by itself, and all together do not: a quota, say, has no room for the last of them.
      if (!(error instanceof NoRoom)) this.#fail(last.index, error);
      return false;
    }
  }

  /** Nobody knows what a node that is gone had. */
  async #assertNode({ spec }: Offer, view: View): Promise<void> {
    const { name } = targetOf(this.#request);
    const entry = await view.get(this.#server.resources.require(nodes), { name: spec.node });
    if (!entry) throw conflict(offers, name, `its node "${spec.node}" is gone`);
  }

  /** In order, each within what those before it have left of the offer. */
  async #planTasks(offered: Offered, view: View): Promise<readonly Planned[]> {
    const rest: Record<string, number> = { ...resourceAmounts(offered.offer.spec.resources) };
    const seen = new Set<string>();
    const planned: Planned[] = [];
    for (const [index, task] of this.#wanted.tasks.entries()) {
      if (this.#failures.has(index)) continue;
      try {
        const plan = await this.#planTask(task, offered, view);
        const key = `${plan.pod.metadata.namespace}/${plan.pod.metadata.name}`;
        if (seen.has(key)) throw alreadyExists(pods, plan.pod.metadata.name);
        take(rest, plan.draft, plan.pod.metadata.name);
        seen.add(key);
        planned.push({ index, ...plan });
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        this.#fail(index, error);
      }
    }
    return planned;
  }

  async #planTask(task: SentTask, { offer, framework }: Offered, view: View): Promise<Omit<Planned, "index">> {
    const { clock, random, resources } = this.#server;
    const { namespace = "", name = "" } = task.metadata;
    this.#assertPlace(task, { offer, framework });
    const served = resources.require(pods);
    const request: ApiRequest = {
      ...this.#request,
      served,
      version: pods,
      namespace,
      name: undefined,
      subresource: undefined,
      warnings: [],
    };
    const pod = decodeAs<Pod>(request, { value: podOf(task, offer), duplicates: [] }, pods);
    const object = withNewMetadata(pod, { clock, random, resource: pods, namespace });
    if (view.isLive && (await view.get(served, { namespace, name }))) throw alreadyExists(pods, name);
    const adapt = (ready: KubeObject) => asTask(ready as Pod, framework, formatTime(clock.now()));
    const { draft } = await planCreation(this.#server, request, { view, object, adapt });
    this.#request.warnings.push(...request.warnings.filter((each) => !this.#request.warnings.includes(each)));
    if (!draft) throw new StatusError("InternalError", `nothing would be stored of pod "${name}"`);
    return { pod: object, draft };
  }

  #assertPlace({ metadata, spec }: SentTask, { offer, framework }: Offered): void {
    const { namespace = "", name = "" } = metadata;
    if (!name || !namespace) throw new StatusError("BadRequest", "a task's metadata must have a name and a namespace");
    if (!(framework.spec.namespaces ?? []).includes(namespace)) {
      const detail = `framework "${framework.metadata.name}" starts no tasks in namespace "${namespace}"`;
      throw forbidden(pods, name, detail);
    }
    if (spec.nodeName && spec.nodeName !== offer.spec.node) {
      throw new StatusError(
        "BadRequest",
        `task "${name}" wants node "${spec.nodeName}", the offer is of "${offer.spec.node}"`,
      );
    }
    const { user, http } = this.#request;
    const attributes = { user, verb: "create", resource: pods, namespace, path: http.path };
    const { verdict, reason } = this.#server.auth.authorizer.authorize(attributes);
    if (verdict !== "allow") throw forbiddenRequest(attributes, reason);
  }

  #fail(index: number | undefined, failure: StatusError): void {
    if (index !== undefined) this.#failures.set(index, failure);
  }

  /** Throws what another attempt would not change. */
  #noteFailure(error: unknown, { isLive, attempts }: { readonly isLive: boolean; readonly attempts: number }): void {
    if (error instanceof Conflict) {
      if (attempts < ATTEMPTS_MAX) return;
      throw this.#contended();
    }
    if (!(error instanceof StatusError) || isLive) throw error;
  }

  #contended(): StatusError {
    const { name } = targetOf(this.#request);
    return conflict(offers, name, "what it rests on is being changed too often; please try again");
  }

  #report({ framework, planned }: Attempt, isDryRun: boolean): readonly TaskResult[] {
    const started = new Map(planned.map(({ index, pod }) => [index, pod.metadata]));
    return this.#wanted.tasks.map(({ metadata: { namespace, name } }, index) => {
      const failure = this.#failures.get(index);
      if (!isDryRun) this.#server.placementMetrics.count(`framework/${framework}`, outcomeOf(failure));
      const uid = started.get(index)?.uid;
      return {
        namespace,
        name,
        ...(uid && { uid }),
        started: !failure,
        ...(failure && { status: failure.toStatus() }),
      };
    });
  }
}

/** What the framework decides of a pod's metadata; the rest is the server's. */
function podOf({ metadata, spec }: SentTask, { spec: { node } }: Offer): object {
  const { namespace, name, labels, annotations } = metadata;
  const described = { namespace, name, ...(labels && { labels }), ...(annotations && { annotations }) };
  return { apiVersion: "v1", kind: "Pod", metadata: described, spec: { ...spec, nodeName: node } };
}

/** The pod as the framework's own: counted for its role, and deleted with it. */
function asTask(pod: Pod, { metadata: { name, uid }, spec: { role } }: Framework, now: string): Pod {
  const { metadata, status } = pod;
  const owner = { apiVersion: apiVersionOf(frameworks), kind: frameworks.kind, name, uid, controller: true };
  const labels = { ...metadata.labels, [FRAMEWORK_LABEL]: name, [ROLE_LABEL]: roleNameOf(role) };
  const condition = { type: "PodScheduled", status: "True" as const, lastTransitionTime: now };
  return {
    ...pod,
    metadata: { ...metadata, labels, ownerReferences: [owner] },
    status: { ...status, conditions: setCondition(status.conditions, condition) },
  };
}

/** Throws where the task asks for more than is left. */
function take(rest: Record<string, number>, { allocations }: Draft, name: string): void {
  const claims: readonly ResourceAmounts[] = allocations.flatMap(({ reserve }) => (reserve ? [reserve.amounts] : []));
  const missing = claims.flatMap((amounts) =>
    Object.entries(amounts).filter(([resource, amount]) => amount > 0 && amount > (rest[resource] ?? 0)),
  );
  if (missing.length > 0) {
    const texts = missing.map(([resource, amount]) => `${resource}: requested ${amount}, left ${rest[resource] ?? 0}`);
    throw new StatusError("Invalid", `pod "${name}" asks for more than is left of the offer: ${texts.join(", ")}`);
  }
  for (const amounts of claims) {
    for (const [resource, amount] of Object.entries(amounts)) rest[resource] = (rest[resource] ?? 0) - amount;
  }
}
