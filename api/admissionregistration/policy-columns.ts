// The cells that the tables of admission policies and of their bindings share.

import type { ParamKind, ParamRef } from "./policy-parts.ts";
import type { LabelSelector } from "../meta/label-selector.ts";

const UNSET = "<unset>";

export function renderParamKind(paramKind: ParamKind | undefined): string {
  return paramKind ? `${paramKind.apiVersion ?? ""}/${paramKind.kind ?? ""}` : UNSET;
}

export function renderParamRef(paramRef: ParamRef | undefined): string {
  const { name, namespace, selector } = paramRef ?? {};
  if (name) return namespace ? `${namespace}/${name}` : name;
  return selector ? renderSelector(selector) : UNSET;
}

/** As Go writes the struct. */
function renderSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).sort(([a], [b]) => (a < b ? -1 : 1));
  const map = labels.map(([key, value]) => `${key}: ${value},`).join("");
  const list = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${map}},MatchExpressions:[]LabelSelectorRequirement{${list.join("")}},}`;
}
