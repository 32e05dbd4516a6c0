// The wide columns of the kinds that make pods from a template.

import type { Container } from "./container.ts";
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

/** For objects that hold a template somewhere. */
export function containerColumns<T>(templateOf: (object: T) => PodTemplateSpec | undefined): readonly Column<T>[] {
  const render = (object: T, part: (container: Container) => string) =>
    (templateOf(object)?.spec.containers ?? []).map(part).join(",");
  return [
    wideColumn("Containers", { description: "The names of the template's containers." }, (object) =>
      render(object, ({ name }) => name),
    ),
    wideColumn("Images", { description: "The images of the template's containers." }, (object) =>
      render(object, ({ image = "" }) => image),
    ),
  ];
}

export const selectorColumn = <T>(selectorIn: (object: T) => LabelSelector | undefined): Column<T> =>
  wideColumn("Selector", { description: "The labels that a pod must have to belong to the object." }, (object) => {
    const selector = selectorIn(object);
    return (selector && renderSelector(selectorOf(selector))) || "<none>";
  });

export const templateContainerColumns = containerColumns<WithTemplate>(({ spec }) => spec.template);

export const templateColumns: readonly Column<Workload>[] = [
  ...templateContainerColumns,
  selectorColumn(({ spec }) => spec.selector),
];
