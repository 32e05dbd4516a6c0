// kctl describe: objects at length, with what belongs to them and what has happened to them.

import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { genericDescriber } from "../describe/generic.ts";
import { describers } from "../describe/index.ts";
import { onOff } from "../flags.ts";
import { alignTabs, describeSpacing } from "../printers/tab-writer.ts";
import { listRelated } from "../related-objects.ts";
import { isStatusError } from "../render-error.ts";
import { qualifiedPlural } from "../resource-type.ts";
import {
  fetchObject,
  listObjects,
  planRequests,
  selectionFlags,
  throwErrors,
  type Request,
  type SelectedObject,
  type Selection,
} from "../select-objects.ts";
import type { Session } from "../session.ts";

export const describe = defineCommand({
  usage: "describe (-f FILE | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [flags]",
  examples: ["kctl describe node", "kctl describe pod web-0", "kctl describe pods -l app=web"],
  flags: { ...selectionFlags, "show-events": onOff("Show the events of each object.", { default: true }) },
  async run({ flags, args, session }) {
    if (args.length + flags.filename.length + flags.kustomize.length === 0) {
      throw new CommandError(
        'You must specify the type of resource to describe. Use "kctl api-resources" for a complete list of supported resources.',
      );
    }
    const { io } = session;
    const selection = { ...flags, args };
    const errors: unknown[] = [];
    const requests = await planRequests(session, selection);
    let printed = 0;
    for (const request of requests) {
      try {
        for (const selected of await findObjects(session, request, selection)) {
          if (printed++ > 0) io.out("\n\n");
          io.out(await renderDescription(session, selected, flags["show-events"]));
        }
      } catch (error) {
        errors.push(error);
      }
    }
    if (printed + errors.length === 0) {
      const isNamespaced = requests.some(({ type }) => type.namespaced) && !flags["all-namespaces"];
      io.err(`No resources found${isNamespaced ? ` in ${await session.namespace()} namespace.` : ""}\n`);
    }
    throwErrors(errors);
  },
});

/** A name that no object has may be the beginning of several. */
async function findObjects(
  session: Session,
  request: Request,
  selection: Selection,
): Promise<readonly SelectedObject[]> {
  const { name } = request;
  if (name === undefined) return listObjects(session, request, selection);
  try {
    return [{ ...request, name, object: await fetchObject(session, { ...request, name }) }];
  } catch (error) {
    if (!isStatusError(error) || error.reason !== "NotFound") throw error;
    const all = await listObjects(session, request, { args: [] });
    const found = all.filter((each) => each.name.startsWith(name));
    if (found.length === 0) throw error;
    return found;
  }
}

async function renderDescription(session: Session, { type, object }: SelectedObject, showEvents: boolean) {
  const describer = describers[qualifiedPlural(type)] ?? genericDescriber;
  const events = showEvents ? ((await listEvents(session, object)) ?? []) : [];
  const queries = Object.entries(describer.related?.(object) ?? {});
  const lists = await Promise.all(queries.map(([, query]) => listRelated(session, query)));
  const related = Object.fromEntries(queries.map(([name], index) => [name, lists[index]]));
  const lines = describer.describe({ object, events, related, nowMs: session.io.clock.now() });
  return `${alignTabs(lines.join("\n"), describeSpacing)}\n`;
}

function listEvents(session: Session, { kind, metadata }: AnyObject): Promise<readonly AnyObject[] | undefined> {
  const { name = "", namespace = "default", uid = "" } = metadata;
  const fields = { "involvedObject.kind": kind, "involvedObject.name": name, "involvedObject.uid": uid };
  // A kubelet names its node by name alone, so that the uid of a node's events is its name.
  const selected = Object.entries(fields).filter(([field]) => kind !== "Node" || field !== "involvedObject.uid");
  const fieldSelector = selected.map(([field, value]) => `${field}=${value}`).join(",");
  return listRelated(session, { path: `/api/v1/namespaces/${namespace}/events`, fieldSelector });
}
