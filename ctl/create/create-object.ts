// What all `kctl create` commands have in common: one object that has been put together is sent, or shown.

import { withLastApplied } from "../apply/last-applied.ts";
import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { onOff, textOr, type FlagTable, type FlagValues } from "../flags.ts";
import { outputFlags } from "../printers/output-format.ts";
import { createReport, dryRunFlags, dryRunQuery, parseDryRun } from "../report.ts";
import { pathOfType, type ResourceType } from "../resource-type.ts";
import type { Session } from "../session.ts";
import { parseValidation, validationFlags } from "../validation-flag.ts";

export const createFlags = {
  ...outputFlags,
  ...dryRunFlags,
  ...validationFlags,
  "save-config": onOff("Note the manifest in the object, so that apply can change it later."),
  "field-manager": textOr("kubectl-create", "The name that the server notes as the changer of the fields."),
} satisfies FlagTable;

export type CreateFlags = FlagValues<typeof createFlags>;

/** The kinds that have a command of their own: they are the same on every server, so that discovery need not be asked. */
type KnownType = Pick<ResourceType, "group" | "version" | "kind" | "plural" | "singular" | "namespaced">;
const knownType = (type: KnownType): ResourceType => ({
  ...type,
  verbs: [],
  shortNames: [],
  categories: [],
  subresources: [],
});
const core = (kind: string, plural: string, namespaced = true) =>
  knownType({ group: "", version: "v1", kind, plural, singular: kind.toLowerCase(), namespaced });

const batch = (kind: string) => {
  const singular = kind.toLowerCase();
  return knownType({ group: "batch", version: "v1", kind, plural: `${singular}s`, singular, namespaced: true });
};

export const knownTypes = {
  deployment: knownType({
    group: "apps",
    version: "v1",
    kind: "Deployment",
    plural: "deployments",
    singular: "deployment",
    namespaced: true,
  }),
  job: batch("Job"),
  cronJob: batch("CronJob"),
  disruptionBudget: knownType({
    group: "policy",
    version: "v1",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    singular: "poddisruptionbudget",
    namespaced: true,
  }),
  priorityClass: knownType({
    group: "scheduling.k8s.io",
    version: "v1",
    kind: "PriorityClass",
    plural: "priorityclasses",
    singular: "priorityclass",
    namespaced: false,
  }),
  resourceQuota: core("ResourceQuota", "resourcequotas"),
  namespace: core("Namespace", "namespaces", false),
  configMap: core("ConfigMap", "configmaps"),
  secret: core("Secret", "secrets"),
  service: core("Service", "services"),
  serviceAccount: core("ServiceAccount", "serviceaccounts"),
} as const;

/** Creates the object, or only shows it with --dry-run, and says so. */
export async function createBuilt(
  session: Session,
  { type, object }: { readonly type: ResourceType; readonly object: AnyObject },
  flags: CreateFlags,
): Promise<void> {
  const dryRun = parseDryRun(flags["dry-run"]);
  const report = await createReport(session, { ...flags, dryRun });
  const { namespace } = session.globals;
  const named = namespace && type.namespaced ? { ...object, metadata: { ...object.metadata, namespace } } : object;
  const saved = flags["save-config"] ? withLastApplied(named) : named;
  const name = object.metadata.name ?? "";
  if (dryRun === "client") {
    report({ type, name }, saved, "created");
    return;
  }
  const server = await session.server();
  const created = await server.call({
    method: "POST",
    path: pathOfType(type, { namespace: type.namespaced ? await session.namespace() : undefined }),
    query: {
      fieldManager: flags["field-manager"],
      fieldValidation: parseValidation(flags.validate),
      ...dryRunQuery(dryRun),
    },
    body: saved,
  });
  report({ type, name }, created as AnyObject, "created");
}

/** The one NAME that the commands take. Throws CommandError for none or several. */
export function onlyName(args: readonly string[], command: string): string {
  const [name, ...more] = args;
  if (name !== undefined && more.length === 0) return name;
  throw new CommandError(
    `exactly one NAME is required, got ${args.length}\nSee 'kctl create ${command} -h' for help and examples`,
  );
}
