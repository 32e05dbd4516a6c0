// FrameworkRole: the weight of a role when frameworks share the cluster, and the object that rights to a role are about: whoever
// may `use` the FrameworkRole of a name may stand for that role, whether or not the object exists.

import { validateFrameworkRole } from "./validate-framework.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, byDefault, int32, object, optional, present } from "../schema/schema.ts";
import { roleOfName } from "./sharing-role.ts";

export const frameworkRoleSpec = object("dev.kctl.scheduling.v1.FrameworkRoleSpec", "How much a role counts.", {
  weight: byDefault(
    1,
    optional(
      1,
      int32(),
      "How much the role gets beside the others that are parts of the same role: twice the weight, twice the share. 1 unless given.",
    ),
  ),
});
export interface FrameworkRoleSpec extends Infer<typeof frameworkRoleSpec> {}

export const frameworkRole = kubeObject(
  "dev.kctl.scheduling.v1.FrameworkRole",
  "A role that frameworks have. Its name is the role with dots for slashes: eng.web is the role eng/web, a part of eng.",
  { spec: present(2, frameworkRoleSpec, "How much the role counts.") },
);
export interface FrameworkRole extends Infer<typeof frameworkRole> {}

export const frameworkRoles: ResourceDefinition<FrameworkRole> = {
  group: "scheduling.kctl.dev",
  version: "v1",
  kind: "FrameworkRole",
  plural: "frameworkroles",
  scope: "Cluster",
  storagePath: "scheduling.kctl.dev/frameworkroles",
  schema: frameworkRole,
  validate: validateFrameworkRole,
  columns: [
    nameColumn,
    column("Role", { description: "The role." }, ({ metadata }) => roleOfName(metadata.name)),
    column("Weight", { type: "integer", description: "How much it counts." }, ({ spec }) => spec.weight ?? 1),
    ageColumn,
  ],
};
