// HEADER

import { kubeObject } from "../meta/object.ts";
import { type Infer, int32, object, optional, present, required, string } from "../schema/schema.ts";

export const scaleSpec = object("io.k8s.api.autoscaling.v1.ScaleSpec", "", {
  replicas: optional(1, int32(), ""),
});
export interface ScaleSpec extends Infer<typeof scaleSpec> {}

export const scaleStatus = object("io.k8s.api.autoscaling.v1.ScaleStatus", "", {
  replicas: required(1, int32(), ""),
  selector: optional(2, string(), ""),
});
export interface ScaleStatus extends Infer<typeof scaleStatus> {}

export const scale = kubeObject("io.k8s.api.autoscaling.v1.Scale", "", {
  spec: present(2, scaleSpec, ""),
  status: present(3, scaleStatus, ""),
});
export interface Scale extends Infer<typeof scale> {}
