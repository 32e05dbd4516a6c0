// Which admission steps run, by the flags that kube-apiserver has for its plugins. Pure.

import { admissionSteps } from "./index.ts";

export interface PluginFlags {
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
}

/** kube-apiserver's plugins that are no steps here. Turning one off is granted: it does nothing anyway. */
const ELSEWHERE: readonly string[] = [
  "AlwaysAdmit",
  "AlwaysDeny",
  "AlwaysPullImages",
  "ClusterTrustBundleAttest",
  "DenyServiceExternalIPs",
  "EventRateLimit",
  "ExtendedResourceToleration",
  "ImagePolicyWebhook",
  "LimitPodHardAntiAffinityTopology",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionWebhook",
  "NamespaceAutoProvision",
  "NamespaceExists",
  "NodeRestriction",
  "OwnerReferencesPermissionEnforcement",
  "PodNodeSelector",
  "PodSecurity",
  "PodTolerationRestriction",
  "PodTopologyLabels",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionWebhook",
];

/** The names of the steps to leave out; all others run. Throws an Error that says what is wrong with the flags. */
export function disabledSteps({ enable = [], disable = [] }: PluginFlags): readonly string[] {
  const present = admissionSteps.filter(({ isFixed }) => !isFixed).map(({ name }) => name);
  const isPresent = (name: string) => present.includes(name);
  const isKnown = (name: string) => isPresent(name) || ELSEWHERE.includes(name);
  const explain = (flag: string, name: string, problem: string) =>
    new Error(`--${flag}: plugin ${JSON.stringify(name)} ${problem}; there are ${present.join(", ")}`);
  const both = enable.filter((name) => disable.includes(name));
  if (both.length > 0) {
    throw new Error(`[${both.join(" ")}] in enable-admission-plugins and disable-admission-plugins overlapped`);
  }
  for (const name of disable) if (!isKnown(name)) throw explain("disable-admission-plugins", name, "is unknown");
  for (const name of enable) {
    if (!isKnown(name)) throw explain("enable-admission-plugins", name, "is unknown");
    if (!isPresent(name)) throw explain("enable-admission-plugins", name, "is not part of this server");
  }
  return disable.filter(isPresent);
}
