// Keeps count of what offers are decided on, change by change: what pods ask for on each node, for each role and framework. One
// call gives it all as plain data. Bounds: an entry for each pod with a node, and for each node, role and framework.

import { isConditionTrue } from "../../api/meta/condition-list.ts";
import type { Namespace } from "../../api/core/namespace.ts";
import type { Node } from "../../api/core/node.ts";
import { resourceAmounts, type ResourceAmounts } from "../../api/core/pod-resources.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { FrameworkRole } from "../../api/kctl-scheduling/framework-role.ts";
import type { Framework } from "../../api/kctl-scheduling/framework.ts";
import type { SetAside } from "../../api/kctl-scheduling/held-back.ts";
import type { Offer } from "../../api/kctl-scheduling/offer.ts";
import { poolDemand, poolOf } from "../../api/kctl-scheduling/pools.ts";
import type { Reservation } from "../../api/kctl-scheduling/reservation.ts";
import { frameworkOfPod, roleOfName, roleOfPod } from "../../api/kctl-scheduling/sharing-role.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { Change, Lister } from "../../client/informer.ts";
import { addTo, amountsOf, type Amounts } from "../queues/amounts.ts";
import type { OfferState, SharedNode } from "./offer-state.ts";

export interface BookSources {
  readonly nodes: Lister<Node>;
  readonly namespaces: Lister<Namespace>;
  readonly frameworks: Lister<Framework>;
  readonly roles: Lister<FrameworkRole>;
  readonly reservations: Lister<Reservation>;
}

interface Placed {
  readonly pod: Pod;
  readonly node: string;
  readonly role: string | undefined;
  readonly framework: string | undefined;
  readonly amounts: ResourceAmounts;
}

/** What pods ask for on one node. */
interface NodeUse {
  readonly requested: Amounts;
  readonly byRole: Record<string, Amounts>;
}

type DescribedNode = Omit<SharedNode, "requested" | "requestsByRole" | "reservations">;

const CLOSED_BY: readonly (string | undefined)[] = ["NoSchedule", "NoExecute"];

export class OfferBooks {
  readonly #sources: BookSources;
  readonly #placed = new Map<string, Placed>();
  readonly #byNode = new Map<string, NodeUse>();
  readonly #byFramework = new Map<string, Amounts>();
  readonly #nodes = new WeakMap<Node, DescribedNode>();

  constructor(sources: BookSources) {
    this.#sources = sources;
  }

  /** False: offers do not depend on what has changed, as with heartbeats. */
  nodeChanged(change: Change<Node>): boolean {
    return change.type !== "updated" || !semanticEqual(offeredPart(change.before), offeredPart(change.object));
  }

  /** False: nothing that is counted here has changed. */
  podChanged({ type, object: pod }: Change<Pod>): boolean {
    const { uid, labels } = pod.metadata;
    const known = this.#placed.get(uid);
    const isHere = type !== "deleted" && pod.spec.nodeName !== undefined && !isPodTerminal(pod);
    if (known && isHere && known.pod.spec === pod.spec && known.pod.metadata.labels === labels) return false;
    if (known) this.#count(known, -1);
    if (known) this.#placed.delete(uid);
    if (!isHere) return known !== undefined;
    const placed: Placed = {
      pod,
      node: pod.spec.nodeName ?? "",
      role: roleOfPod(pod),
      framework: frameworkOfPod(pod),
      amounts: amountsOf(pod),
    };
    this.#placed.set(uid, placed);
    this.#count(placed, 1);
    return true;
  }

  state(offers: readonly Offer[], nowMs: number): OfferState {
    const nodes = this.nodes();
    return {
      nowMs,
      nodes,
      offers,
      frameworks: this.#sources.frameworks.list().map((framework) => ({
        framework,
        allocated: this.#byFramework.get(framework.metadata.name) ?? {},
        pools: this.#poolsOf(framework, nodes),
      })),
      weights: new Map(
        this.#sources.roles.list().map(({ metadata, spec }) => [roleOfName(metadata.name), spec.weight ?? 1]),
      ),
    };
  }

  nodes(): readonly SharedNode[] {
    const reservations = this.#reservationsByNode();
    return this.#sources.nodes.list().map((node) => {
      const { name } = node.metadata;
      const use = this.#byNode.get(name);
      return {
        ...this.#described(node),
        requested: use?.requested ?? {},
        requestsByRole: use?.byRole ?? {},
        reservations: reservations.get(name) ?? [],
      };
    });
  }

  /** What a version of a node says is worked out once. */
  #described(node: Node): DescribedNode {
    const known = this.#nodes.get(node);
    if (known) return known;
    const { name, labels = {} } = node.metadata;
    const allocatable = resourceAmounts(node.status.allocatable);
    const described = { name, labels, pool: poolOf(labels), isOpen: isOpen(node), allocatable };
    this.#nodes.set(node, described);
    return described;
  }

  #reservationsByNode(): ReadonlyMap<string, readonly SetAside[]> {
    const byNode = new Map<string, SetAside[]>();
    for (const { status } of this.#sources.reservations.list()) {
      for (const { node, role, resources } of status.held ?? []) {
        const all = byNode.get(node) ?? [];
        all.push({ role, amounts: resourceAmounts(resources) });
        byNode.set(node, all);
      }
    }
    return byNode;
  }

  #poolsOf({ spec }: Framework, nodes: readonly SharedNode[]): ReadonlySet<string | undefined> {
    const pools = new Set<string | undefined>();
    for (const namespace of spec.namespaces ?? []) {
      const namespaceLabels = this.#sources.namespaces.get({ name: namespace })?.metadata.labels;
      const demand = poolDemand({ namespace, namespaceLabels, isDaemon: false });
      if (demand === "any") for (const { pool } of nodes) pools.add(pool);
      else pools.add(demand.pool);
    }
    return pools;
  }

  #count({ node, role, framework, amounts }: Placed, sign: 1 | -1): void {
    const use = this.#byNode.get(node) ?? { requested: {}, byRole: {} };
    this.#byNode.set(node, use);
    addTo(use.requested, amounts, sign);
    if (role !== undefined) {
      addTo((use.byRole[role] ??= {}), amounts, sign);
      if (isEmpty(use.byRole[role])) delete use.byRole[role];
    }
    if (isEmpty(use.requested)) this.#byNode.delete(node);
    if (framework === undefined) return;
    const sum = this.#byFramework.get(framework) ?? {};
    addTo(sum, amounts, sign);
    if (isEmpty(sum)) this.#byFramework.delete(framework);
    else this.#byFramework.set(framework, sum);
  }
}

const offeredPart = (node: Node) => [node.metadata.labels, node.status.allocatable, isOpen(node)];

const isEmpty = (amounts: Amounts | undefined) => Object.keys(amounts ?? {}).length === 0;

function isOpen(node: Node): boolean {
  const isClosed = node.spec.unschedulable || node.spec.taints?.some(({ effect }) => CLOSED_BY.includes(effect));
  return !isClosed && !node.metadata.deletionTimestamp && isConditionTrue(node.status.conditions, "Ready");
}
