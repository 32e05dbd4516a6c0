// Pods outlast a short failure of their node: five minutes, unless they say something else about it.

import type { Toleration } from "../../api/core/affinity.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { isAbout, type AdmissionStep } from "./admission-step.ts";

const FAILING_NODE_TAINTS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const STAY_SECONDS = 300;

export const defaultTolerationSeconds: AdmissionStep = {
  name: "DefaultTolerationSeconds",
  admit(request) {
    const { operation, object } = request;
    if ((operation !== "CREATE" && operation !== "UPDATE") || !object || !isAbout(request, pods)) return undefined;
    return { object: withTolerations(object as Pod) };
  },
};

function withTolerations(pod: Pod): Pod {
  const { tolerations = [] } = pod.spec;
  const added = FAILING_NODE_TAINTS.filter((key) => !tolerations.some((each) => speaksOf(each, key))).map(
    (key): Toleration => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: STAY_SECONDS }),
  );
  return added.length === 0 ? pod : { ...pod, spec: { ...pod.spec, tolerations: [...tolerations, ...added] } };
}

/** Whatever it says of the taint: its operator and value do not matter here. */
const speaksOf = ({ key, effect }: Toleration, taint: string) =>
  (!key || key === taint) && (!effect || effect === "NoExecute");
