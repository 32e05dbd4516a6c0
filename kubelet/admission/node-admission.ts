// Holds a pod that is new to this node against what the node has: its labels, taints and room, and the pods that it runs.

import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Lister } from "../../client/informer.ts";
import type { Eviction } from "../eviction/eviction.ts";
import { buildAllocatable, buildNodeLabels, type NodeFactsInput } from "../node-status.ts";
import { admitPod, type AdmissionRules } from "./admit-pod.ts";

export interface NodeAdmissionDeps {
  /** What the node is before the API server has it. */
  readonly node: NodeFactsInput;
  readonly nodes: Lister<Node>;
  /** The pods of this node as the API server has them: one that is not there any more has given its room back. */
  readonly pods: Pick<Lister<Pod>, "list">;
  readonly rules: AdmissionRules;
}

export class NodeAdmission {
  readonly #deps: NodeAdmissionDeps;

  constructor(deps: NodeAdmissionDeps) {
    this.#deps = deps;
  }

  /** Why the pod is not to run here; undefined where it is. */
  refuse(pod: Pod): Eviction | undefined {
    const { node, nodes, pods, rules } = this.#deps;
    const known = nodes.get({ name: node.name });
    const room = {
      name: node.name,
      labels: known?.metadata.labels ?? buildNodeLabels(node),
      taints: known?.spec?.taints,
      allocatable: buildAllocatable(node.machine),
      others: pods.list().filter(({ metadata }) => metadata.uid !== pod.metadata.uid),
    };
    return admitPod(pod, room, rules);
  }
}
