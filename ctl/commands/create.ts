// kctl create -f: objects from manifests; it fails where one exists.

import { withLastApplied } from "../apply/last-applied.ts";
import type { AnyObject } from "../any-object.ts";
import { checkManifest } from "../check-manifest.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { createFlags, type CreateFlags } from "../create/create-object.ts";
import { manifestFlags, readManifests, type Manifest } from "../manifests.ts";
import { withSource } from "../render-error.ts";
import { createReport, dryRunQuery, parseDryRun, type DryRun } from "../report.ts";
import { pathOfType } from "../resource-type.ts";
import { targetOf, throwErrors } from "../select-objects.ts";
import type { Session } from "../session.ts";
import { parseValidation } from "../validation-flag.ts";

export const create = defineCommand({
  usage: "create -f FILE | create KIND NAME [flags]",
  description:
    "The kinds: configmap, cronjob, deployment, job, namespace, priorityclass, quota, secret, service, serviceaccount.",
  examples: ["kctl create -f app.yaml", "kctl create deployment web --image=web:1 --dry-run=client -o yaml"],
  flags: { ...manifestFlags, ...createFlags },
  async run({ flags, args, session }) {
    if (args.length > 0) throw unexpected(args);
    if (flags.filename.length + flags.kustomize.length === 0) throw new CommandError("must specify one of -f and -k");
    const dryRun = parseDryRun(flags["dry-run"]);
    const report = await createReport(session, { ...flags, dryRun });
    const errors: unknown[] = [];
    for (const manifest of await readManifests(session.io, flags)) {
      try {
        if (parseValidation(flags.validate) === "Strict") checkManifest(manifest);
        const target = await targetOf(session, manifest);
        const object = await createManifest(session, { manifest, flags, dryRun });
        report({ ...target, name: object.metadata.name ?? "" }, object, "created");
      } catch (error) {
        errors.push(withSource(error, "creating", manifest.source));
      }
    }
    throwErrors(errors);
  },
});

const unexpected = (args: readonly string[]) =>
  new CommandError(
    `unknown kind ${JSON.stringify(args[0])}: kctl create makes configmap, cronjob, deployment, job, namespace, secret, service, serviceaccount, or what -f names`,
  );

interface Creation {
  readonly manifest: Manifest;
  readonly flags: CreateFlags;
  readonly dryRun: DryRun;
}

async function createManifest(session: Session, { manifest, flags, dryRun }: Creation): Promise<AnyObject> {
  const { type, namespace } = await targetOf(session, manifest);
  const { object } = manifest;
  const placed = namespace ? { ...object, metadata: { ...object.metadata, namespace } } : object;
  const saved = flags["save-config"] ? withLastApplied(placed) : placed;
  if (dryRun === "client") return saved;
  const server = await session.server();
  const created = await server.call({
    method: "POST",
    path: pathOfType(type, { namespace }),
    query: {
      fieldManager: flags["field-manager"],
      fieldValidation: parseValidation(flags.validate),
      ...dryRunQuery(dryRun),
    },
    body: saved,
  });
  return created as AnyObject;
}
