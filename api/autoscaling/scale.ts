// Scale: how many replicas an object wants and has. It is never stored: the scale subresource of a kind shows it.

import { kubeObject } from "../meta/object.ts";
import { type Infer, int32, object, optional, present, required, string } from "../schema/schema.ts";

export const scaleSpec = object("io.k8s.api.autoscaling.v1.ScaleSpec", "How many replicas are wanted.", {
  replicas: optional(1, int32(), "The number wanted."),
});
export interface ScaleSpec extends Infer<typeof scaleSpec> {}

export const scaleStatus = object("io.k8s.api.autoscaling.v1.ScaleStatus", "How many replicas there are.", {
  replicas: required(1, int32(), "The number there is."),
  selector: optional(2, string(), "Selects the pods that are counted, in text form."),
});
export interface ScaleStatus extends Infer<typeof scaleStatus> {}

export const scale = kubeObject(
  "io.k8s.api.autoscaling.v1.Scale",
  "How many replicas an object wants and has, in the same form for every kind that can be scaled.",
  {
    spec: present(2, scaleSpec, "How many replicas are wanted."),
    status: present(3, scaleStatus, "How many replicas there are."),
  },
);
export interface Scale extends Infer<typeof scale> {}
