// Frameworks: whoever creates one owns it, unless it says who does.

import type { Framework } from "../../api/kctl-scheduling/framework.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { KindRules } from "./kind-rules.ts";

export const frameworkRules: KindRules = {
  attribute(object, { username }): KubeObject {
    const framework = object as Framework;
    if (framework.spec.owner !== undefined) return framework;
    const owned: Framework = { ...framework, spec: { ...framework.spec, owner: username } };
    return owned;
  },
};
