// kctl get: one or many objects, as a table or in other forms, once or as they change.

import { CommandError } from "../command-error.ts";
import { defineCommand, type Call } from "../command.ts";
import { integerOr, list, onOff, text, type FlagTable } from "../flags.ts";
import { parseOutput, outputFlags } from "../printers/output-format.ts";
import { selectionFlags } from "../select-objects.ts";

const flags = {
  ...selectionFlags,
  ...outputFlags,
  watch: onOff("Show what there is, and then each change.", { short: "w" }),
  "watch-only": onOff("Show changes only."),
  "output-watch-events": onOff("Show what has happened to each object that is shown while watching."),
  "show-labels": onOff("Show the labels in a last column."),
  "label-columns": list("Labels to show in columns of their own.", { short: "L" }),
  "show-kind": onOff("Show each object's type before its name."),
  "no-headers": onOff("Leave the headers out."),
  "ignore-not-found": onOff("Say nothing of objects that do not exist, and succeed."),
  "sort-by": text("The path of the field to order by, such as .metadata.creationTimestamp.", { placeholder: "PATH" }),
  subresource: text("The subresource to show instead: status or scale."),
  "chunk-size": integerOr(500, "How many objects one request asks for; 0 for all at once."),
  raw: text("Show the server's answer at this path, as it is.", { placeholder: "PATH" }),
} satisfies FlagTable;

export const get = defineCommand({
  usage:
    "get [(-o|--output=)FORM] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
  examples: [
    "kctl get pods -o wide",
    "kctl get deploy/web svc/web",
    "kctl get pods -A -l app=web --sort-by=.status.startTime",
    "kctl get pod web-0 -o jsonpath='{.status.podIP}'",
  ],
  flags,
  async run(call) {
    if (call.flags.raw !== undefined) return showRaw(call, call.flags.raw);
    if (call.args.length === 0 && call.flags.filename.length + call.flags.kustomize.length === 0) throw noType();
    const options = await readOptions(call);
    const { session } = call;
    const { planGet } = await import("../get/fetch.ts");
    const requests = await planGet(session, { ...call.flags, args: call.args });
    if (call.flags.watch || call.flags["watch-only"]) {
      const { follow } = await import("../get/follow.ts");
      return follow(session, requests, options);
    }
    if (options.objectView) {
      const { showObjects } = await import("../get/show-objects.ts");
      return showObjects(session, requests, { ...options, objectView: options.objectView });
    }
    const { showTables } = await import("../get/show-tables.ts");
    return showTables(session, requests, options);
  },
});

async function readOptions({ flags: given, args, session }: Call<typeof flags>) {
  const format = await parseOutput(session.io, given.output);
  const headers = !given["no-headers"];
  const view = {
    wide: format.kind === "table" && format.wide,
    withNamespace: given["all-namespaces"],
    headers,
    showLabels: given["show-labels"],
    labelColumns: given["label-columns"],
  };
  const showManagedFields = given["show-managed-fields"];
  const objectView = format.kind === "table" ? undefined : { format, headers, showManagedFields };
  return { ...given, args, view, objectView };
}

async function showRaw({ session }: Call<typeof flags>, target: string): Promise<void> {
  const [path = "", query = ""] = target.split("?", 2);
  const { readText } = await import("../read-text.ts");
  const server = await session.server();
  const params = Object.fromEntries(new URLSearchParams(query));
  session.io.out(await readText(await server.send({ method: "GET", path: decodeURIComponent(path), query: params })));
}

const noType = () =>
  new CommandError(
    [
      'You must specify the type of resource to get. Use "kctl api-resources" for a complete list of supported resources.',
      "",
      "error: Required resource not specified.",
      'Use "kctl explain <resource>" for a detailed description of that resource (e.g. kctl explain pods).',
      "See 'kctl get -h' for help and examples",
    ].join("\n"),
    { plain: true },
  );
