// The columns of role bindings and cluster role bindings.

import type { RoleRef, Subject } from "./role-binding.ts";
import type { KubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn, wideColumn } from "../meta/standard-columns.ts";
import type { Column } from "../resource.ts";

interface Binding extends KubeObject {
  readonly subjects?: readonly Subject[];
  readonly roleRef: RoleRef;
}

export const bindingColumns: readonly Column<Binding>[] = [
  nameColumn,
  column("Role", { description: "The role that is given." }, ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  ageColumn,
  wideColumn("Users", { description: "The users who are given it." }, (binding) => renderNames(binding, "User")),
  wideColumn("Groups", { description: "The groups that are given it." }, (binding) => renderNames(binding, "Group")),
  wideColumn("ServiceAccounts", { description: "The service accounts that are given it." }, ({ subjects = [] }) =>
    subjects
      .filter(({ kind }) => kind === "ServiceAccount")
      .map(({ namespace = "", name }) => `${namespace}/${name}`)
      .join(", "),
  ),
];

function renderNames({ subjects = [] }: Binding, kind: string): string {
  return subjects
    .filter((each) => each.kind === kind)
    .map(({ name }) => name)
    .join(", ");
}
