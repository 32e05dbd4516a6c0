// Secret: confidential settings that pods read as files or variables. Its values must never appear in messages or logs.

import { validateSecret } from "./validate-key-value.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, boolean, bytes, completed, map, optional, string } from "../schema/schema.ts";

export const secret = completed(
  kubeObject(
    "io.k8s.api.core.v1.Secret",
    "Confidential settings that pods read as files or variables. All entries together hold 1 MiB at most.",
    {
      data: optional(2, map(bytes()), "Entries of bytes. Keys consist of letters, digits, '-', '_' and '.'."),
      type: optional(3, string(), "What the secret is for, which says what keys it has; Opaque unless given."),
      stringData: optional(
        4,
        map(string()),
        "Entries given as text. They are stored in data, over entries of the same key, and never read back.",
      ),
      immutable: optional(5, boolean(), "If true, the entries cannot be changed any more, and neither can this field."),
    },
  ),
  (draft) => {
    draft.type ||= "Opaque";
    if (!draft.stringData) return;
    const encoded = Object.entries(draft.stringData).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
    draft.data = { ...draft.data, ...(Object.fromEntries(encoded) as Record<string, string>) };
    delete draft.stringData;
  },
);
export interface Secret extends Infer<typeof secret> {}

export const secrets: ResourceDefinition<Secret> = {
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  scope: "Namespaced",
  schema: secret,
  validate: validateSecret,
  columns: [
    nameColumn,
    column("Type", { description: "What the secret is for." }, (secret) => secret.type ?? ""),
    column("Data", { description: "How many keys the secret has." }, ({ data = {} }) => Object.keys(data).length),
    ageColumn,
  ],
  selectableFields: (secret) => ({ type: secret.type ?? "" }),
};
