// kctl top: what nodes and pods use, as metrics.k8s.io tells it.

import type { AnyList, AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { onOff, textOr, text } from "../flags.ts";
import type { Session } from "../session.ts";
import { amountsAt, renderNodes, renderPods, type SortKey } from "../top/render-usage.ts";

const GROUP = "metrics.k8s.io";
const ROOT = `/apis/${GROUP}/v1beta1`;

const flags = {
  "no-headers": onOff("Leave out the line with the names of the columns."),
  selector: text("The labels that they must have, such as app=web.", { short: "l" }),
  "sort-by": textOr("", "Those that use most first: cpu or memory."),
  "use-protocol-buffers": onOff("Accepted, and without effect.", { default: true }),
};

export const topNodes = defineCommand({
  usage: "top nodes [NAME | -l LABEL]",
  description: "Shows how much processor time and memory nodes use, and how much that is of what they offer to pods.",
  examples: ["kctl top nodes", "kctl top node node-1", "kctl top nodes --sort-by=memory"],
  flags: { ...flags, "show-capacity": onOff("Show shares of the whole node, not of what it offers to pods.") },
  async run({ flags: given, args, session }) {
    const name = onlyName(args, given.selector);
    const sortBy = readSortKey(given["sort-by"]);
    await requireMetrics(session);
    const metrics = await fetchAll(session, `${ROOT}/nodes`, { name, labelSelector: given.selector });
    if (metrics.length === 0) throw new CommandError("metrics not available yet");
    const nodes = await fetchAll(session, "/api/v1/nodes", { name, labelSelector: given.selector });
    const what = given["show-capacity"] ? "capacity" : "allocatable";
    const available = new Map(
      nodes.map((node) => [node.metadata.name ?? "", amountsAt(node, "status", what)] as const),
    );
    session.io.out(renderNodes(metrics, { headers: !given["no-headers"], sortBy, available }));
  },
});

export const topPods = defineCommand({
  usage: "top pods [NAME | -l LABEL]",
  description: "Shows how much processor time and memory pods use. New pods are shown after some seconds.",
  examples: ["kctl top pods -A", "kctl top pod web --containers", "kctl top pods -l app=web --sort-by=cpu --sum"],
  flags: {
    ...flags,
    "all-namespaces": onOff("All namespaces.", { short: "A" }),
    containers: onOff("Show each container."),
    "field-selector": text("The fields that they must have, such as metadata.name=web."),
    sum: onOff("Show what all of them use together."),
  },
  async run({ flags: given, args, session }) {
    const name = onlyName(args, given.selector);
    const sortBy = readSortKey(given["sort-by"]);
    await requireMetrics(session);
    const withNamespace = given["all-namespaces"];
    const place = withNamespace ? "" : `/namespaces/${await session.namespace()}`;
    const choice = { name, labelSelector: given.selector, fieldSelector: given["field-selector"] };
    const metrics = await fetchAll(session, `${ROOT}${place}/pods`, choice);
    if (metrics.length === 0) return explainNothing(session, place, choice);
    const view = {
      byContainer: given.containers,
      withNamespace,
      headers: !given["no-headers"],
      sum: given.sum,
      sortBy,
    };
    session.io.out(renderPods(metrics, view));
  },
});

interface Choice {
  readonly name?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

async function fetchAll(session: Session, collection: string, choice: Choice): Promise<readonly AnyObject[]> {
  const server = await session.server();
  const { name, ...query } = choice;
  if (name !== undefined) return [(await server.call({ method: "GET", path: `${collection}/${name}` })) as AnyObject];
  return ((await server.call({ method: "GET", path: collection, query })) as AnyList).items ?? [];
}

/** There are no pods, or there are and nothing is known of them yet. */
async function explainNothing(session: Session, place: string, choice: Choice): Promise<void> {
  const pods = await fetchAll(session, `/api/v1${place}/pods`, choice);
  if (pods.length > 0) throw new CommandError("metrics not available yet");
  const where = place === "" ? "" : ` in ${await session.namespace()} namespace`;
  session.io.err(`No resources found${where}.\n`);
}

async function requireMetrics(session: Session): Promise<void> {
  const types = await (await session.discovery()).all();
  if (!types.some(({ group }) => group === GROUP)) throw new CommandError("Metrics API not available");
}

function onlyName(args: readonly string[], selector: string | undefined): string | undefined {
  const [name, ...more] = args;
  if (more.length > 0) throw new CommandError(`one name or a selector can be given, not ${args.length} names`);
  if (name !== undefined && selector) throw new CommandError("only one of NAME or --selector can be provided");
  return name;
}

function readSortKey(given: string): SortKey {
  if (given === "") return undefined;
  if (given === "cpu" || given === "memory") return given;
  throw new CommandError("--sort-by accepts only cpu or memory");
}
