// PodTemplateSpec: what controllers make pods from.

import { podSpec } from "./pod.ts";
import { objectMeta } from "../meta/object-meta.ts";
import { type Infer, object, optional, present } from "../schema/schema.ts";

export const podTemplateSpec = object("io.k8s.api.core.v1.PodTemplateSpec", "What a controller makes pods from.", {
  metadata: optional(1, objectMeta, "The metadata of the pods: their labels and annotations."),
  spec: present(2, podSpec, "What the pods are to be."),
});
export interface PodTemplateSpec extends Infer<typeof podTemplateSpec> {}
