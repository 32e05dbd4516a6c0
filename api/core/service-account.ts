// ServiceAccount: an identity for the programs in pods.

import { subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { localObjectReference, objectReference } from "./reference.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, boolean, list, listMap, optional } from "../schema/schema.ts";

export const serviceAccount = kubeObject("io.k8s.api.core.v1.ServiceAccount", "An identity for the programs in pods.", {
  secrets: optional(
    2,
    listMap(objectReference, ["name"], { mergeKey: "name", strategy: "merge" }),
    "Secrets that pods of the account may use.",
  ),
  imagePullSecrets: optional(
    3,
    list(localObjectReference, { listType: "atomic" }),
    "Secrets with credentials for registries, added to pods of the account.",
  ),
  automountServiceAccountToken: optional(
    4,
    boolean(),
    "Whether pods get the account's token unless they say otherwise.",
  ),
});
export interface ServiceAccount extends Infer<typeof serviceAccount> {}

export const serviceAccounts: ResourceDefinition<ServiceAccount> = {
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  shortNames: ["sa"],
  scope: "Namespaced",
  schema: serviceAccount,
  subresources: ["token"],
  validate: (account, old) => [...validateMetadata(account, old, { name: subdomainProblems })],
  columns: [
    nameColumn,
    column(
      "Secrets",
      { description: "How many secrets pods of the account may use." },
      ({ secrets = [] }) => secrets.length,
    ),
    ageColumn,
  ],
  // The list names secrets of the same namespace: of a reference only the name means anything.
  prepare: (account) =>
    account.secrets ? { ...account, secrets: account.secrets.map(({ name }) => ({ name })) } : account,
};
