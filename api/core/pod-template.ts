// HEADER

import { podSpec } from "./pod.ts";
import { kubeObject } from "../meta/object.ts";
import { objectMeta } from "../meta/object-meta.ts";
import { type Infer, object, optional, present } from "../schema/schema.ts";

export const podTemplateSpec = object("io.k8s.api.core.v1.PodTemplateSpec", "", {
  metadata: optional(1, objectMeta, ""),
  spec: present(2, podSpec, ""),
});
export interface PodTemplateSpec extends Infer<typeof podTemplateSpec> {}

export const podTemplate = kubeObject("io.k8s.api.core.v1.PodTemplate", "", {
  template: optional(2, podTemplateSpec, ""),
});
export interface PodTemplate extends Infer<typeof podTemplate> {}
