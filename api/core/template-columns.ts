// The wide columns of the kinds that make pods from a template.

import type { PodTemplateSpec } from "./pod-template.ts";
import type { LabelSelector } from "../meta/label-selector.ts";
import type { KubeObject } from "../meta/object.ts";
import { renderSelector, selectorOf } from "../meta/selector.ts";
import { wideColumn } from "../meta/standard-columns.ts";
import type { Column } from "../resource.ts";

interface WithTemplate extends KubeObject {
  readonly spec: { readonly template: PodTemplateSpec };
}
interface Workload extends WithTemplate {
  readonly spec: { readonly template: PodTemplateSpec; readonly selector?: LabelSelector };
}

const containersOf = (object: WithTemplate) => object.spec.template?.spec.containers ?? [];

export const templateContainerColumns: readonly Column<WithTemplate>[] = [
  wideColumn("Containers", { description: "The names of the template's containers." }, (object) =>
    containersOf(object)
      .map((each) => each.name)
      .join(","),
  ),
  wideColumn("Images", { description: "The images of the template's containers." }, (object) =>
    containersOf(object)
      .map((each) => each.image ?? "")
      .join(","),
  ),
];

export const templateColumns: readonly Column<Workload>[] = [
  ...templateContainerColumns,
  wideColumn("Selector", { description: "The labels that a pod must have to belong to the object." }, (object) =>
    renderSelector(selectorOf(object.spec.selector)),
  ),
];
