// kctl edit: opens objects in the user's editor, and applies what was changed. Where the server refuses the change, the editor opens
// again with the reason at the top.

import { join } from "node:path";
import { renderYaml } from "../../lib/render-yaml.ts";
import { planMergePatch, planStrategicPatch } from "../../api/schema/three-way.ts";
import type { AnyObject } from "../any-object.ts";
import { builtInSchema } from "../built-in-schema.ts";
import { checkManifest } from "../check-manifest.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { text, textOr } from "../flags.ts";
import { dataDirectory } from "../kubeconfig-path.ts";
import { parseManifests, type Manifest } from "../manifests.ts";
import { withoutManagedFields } from "../printers/output-format.ts";
import { isStatusError, renderError } from "../render-error.ts";
import { pathOfType } from "../resource-type.ts";
import { describeTarget, selectObjects, selectionFlags, throwErrors, type SelectedObject } from "../select-objects.ts";
import type { Session } from "../session.ts";

const HEAD = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

export const edit = defineCommand({
  usage: "edit (TYPE NAME | TYPE/NAME | -f FILE) [flags]",
  description: "The editor is KUBE_EDITOR, else EDITOR, else vi.",
  flags: {
    filename: selectionFlags.filename,
    recursive: selectionFlags.recursive,
    "field-manager": textOr("kubectl-edit", "The name that the server notes as the changer of the fields."),
    subresource: text("The subresource to edit: status."),
  },
  async run({ flags, args, session }) {
    if (args.length + flags.filename.length === 0) {
      throw new CommandError("must specify one of -f, or the type and name of what to edit");
    }
    const { objects, errors } = await selectObjects(session, { ...flags, args });
    throwErrors(errors);
    if (objects.length === 0) throw new CommandError("edit cancelled, no objects found");
    await editUntilTaken(session, objects, { fieldManager: flags["field-manager"], subresource: flags.subresource });
  },
});

interface EditOptions {
  readonly fieldManager: string;
  readonly subresource: string | undefined;
}

async function editUntilTaken(
  session: Session,
  objects: readonly SelectedObject[],
  options: EditOptions,
): Promise<void> {
  const { io } = session;
  const shown = objects.map(({ object }) => withoutManagedFields(object));
  const original = shown.map(renderYaml).join("---\n");
  let body = original;
  let reason = "";
  for (;;) {
    const edited = await openEditor(session, HEAD + commentOf(reason) + body);
    const stripped = withoutComments(edited);
    const isSame = stripped === withoutComments(reason ? body : original);
    if (stripped.trim() === "" || isSame) {
      if (!reason) {
        io.err("Edit cancelled, no changes made.\n");
        return;
      }
      throw new CommandError(`Edit cancelled, no valid changes were saved.\n${reason.trim()}`);
    }
    body = stripped;
    try {
      await applyEdits(session, { objects, edited: parseManifests(stripped, "the edited file"), options });
      return;
    } catch (error) {
      if (!isStatusError(error) && !(error instanceof Error && error.name === "CommandError")) throw error;
      reason = renderError(error);
    }
  }
}

const commentOf = (reason: string) =>
  reason &&
  `${reason
    .trimEnd()
    .split("\n")
    .map((line) => `# ${line}`)
    .join("\n")}\n#\n`;
const withoutComments = (text: string) =>
  text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n");

async function openEditor(session: Session, content: string): Promise<string> {
  const { io } = session;
  const suffix = Math.floor(io.random.float() * 1e9).toString(36);
  const path = join(dataDirectory(io), "edit", `kctl-edit-${suffix}.yaml`);
  const editor = io.environment.KUBE_EDITOR || io.environment.EDITOR || "vi";
  await io.files.write(path, content);
  try {
    const [program = "vi", ...args] = editor.split(/\s+/);
    const code = await io.runInForeground(program, [...args, path]).catch((error: Error) => {
      throw new CommandError(
        `unable to launch the editor "${editor}": ${error.message}. Set EDITOR to the one to use.`,
      );
    });
    if (code !== 0)
      throw new CommandError(`there was a problem with the editor "${editor}": it exited with code ${code}`);
    return await io.files.read(path);
  } finally {
    await io.files.remove(path);
  }
}

interface Edits {
  readonly objects: readonly SelectedObject[];
  readonly edited: readonly Manifest[];
  readonly options: EditOptions;
}

async function applyEdits(session: Session, { objects, edited, options }: Edits): Promise<void> {
  const server = await session.server();
  for (const manifest of edited) {
    const selected = findEdited(objects, manifest.object);
    checkManifest(manifest);
    const change = planEdit(withoutManagedFields(selected.object), manifest.object);
    if (!change) {
      session.io.out(`${describeTarget(selected)} skipped\n`);
      continue;
    }
    await server.call({
      method: "PATCH",
      path: pathOfType(selected.type, { ...selected, subresource: options.subresource }),
      contentType: change.contentType,
      query: { fieldManager: options.fieldManager, fieldValidation: "Strict" },
      body: change.patch,
    });
    session.io.out(`${describeTarget(selected)} edited\n`);
  }
}

function findEdited(objects: readonly SelectedObject[], edited: AnyObject): SelectedObject {
  const found = objects.find(
    ({ object }) =>
      object.kind === edited.kind &&
      object.metadata.name === edited.metadata.name &&
      object.metadata.namespace === edited.metadata.namespace,
  );
  if (found) return found;
  throw new CommandError(
    `At least one of apiVersion, kind and name was changed: ${edited.kind} "${edited.metadata.name}"`,
  );
}

/** The user's own changes and nothing else: what others change meanwhile stays. Undefined where there are none. Pure. */
function planEdit(original: AnyObject, modified: AnyObject) {
  const schema = builtInSchema(original);
  const objects = { original, modified, current: original };
  const patch = schema ? planStrategicPatch(schema, objects) : planMergePatch(objects);
  if (Object.keys(patch).length === 0) return undefined;
  return { patch, contentType: schema ? "application/strategic-merge-patch+json" : "application/merge-patch+json" };
}
