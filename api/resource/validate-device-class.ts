// Rules for device classes, from Kubernetes' validation.

import type { DeviceClass } from "./device-class.ts";
import { LIST_MAX, validateConfiguration, validateSelectors } from "./validate-device-claim.ts";
import { checkList } from "./validate-device-names.ts";
import { subdomainProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import type { FieldError } from "../schema/field-error.ts";

export function validateDeviceClass(deviceClass: DeviceClass, old?: DeviceClass): FieldError[] {
  const { selectors, config } = deviceClass.spec;
  const isStored = old !== undefined && semanticEqual(config, old.spec.config);
  return [
    ...validateMetadata(deviceClass, old, { name: subdomainProblems, scope: "Cluster" }),
    ...validateSelectors(selectors, "spec.selectors"),
    ...checkList(config, "spec.config", {
      countMax: LIST_MAX,
      check: (each, at) => validateConfiguration(each, at, { isStored }),
    }),
  ];
}
