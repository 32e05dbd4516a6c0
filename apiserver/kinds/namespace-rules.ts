// Namespaces: deletion only begins the removal; the namespace goes when its own finalizers, kept in its spec, are gone.

import type { Namespace } from "../../api/core/namespace.ts";
import type { KindRules } from "./kind-rules.ts";

export const namespaceRules: KindRules = {
  terminate: (object) => {
    const namespace = object as Namespace;
    const terminating: Namespace = { ...namespace, status: { ...namespace.status, phase: "Terminating" } };
    return terminating;
  },
  mayVanish: (object) => !(object as Namespace).spec.finalizers?.length,
};
