// New nodes take no pods until they have been seen to be ready.

import type { Node, Taint } from "../../api/core/node.ts";
import type { AdmissionStep } from "./admission-step.ts";

const NOT_READY: Taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

export const taintNodesByCondition: AdmissionStep = {
  name: "TaintNodesByCondition",
  admit({ operation, served, subresource, object }) {
    if (operation !== "CREATE" || subresource || served.resource.plural !== "nodes") return undefined;
    const node = object as Node;
    const { taints = [] } = node.spec;
    if (taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return undefined;
    const tainted: Node = { ...node, spec: { ...node.spec, taints: [...taints, NOT_READY] } };
    return { object: tainted };
  },
};
