// kctl config: shows and changes the kubeconfig.

import { readKubeconfig } from "../connection.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { closestName } from "../closest-name.ts";
import { changeKubeconfig, minify, withoutSecrets } from "../config/kubeconfig-file.ts";
import { onOff, text } from "../flags.ts";
import { outputFlags, parseOutput, renderObject } from "../printers/output-format.ts";
import { alignTabs, tableSpacing } from "../printers/tab-writer.ts";

export const configView = defineCommand({
  usage: "config view [--raw] [--minify] [-o json|yaml|jsonpath=…]",
  flags: {
    output: outputFlags.output,
    raw: onOff("Show keys and tokens too."),
    minify: onOff("Only what the current context uses."),
    flatten: onOff("Accepted for kubectl's sake."),
  },
  async run({ flags, session }) {
    const { io, globals } = session;
    const config = await readKubeconfig(io, globals);
    const chosen = flags.minify ? minify(config, globals.context) : config;
    const shown = { apiVersion: "v1", kind: "Config", preferences: {}, ...chosen };
    const format = await parseOutput(io, flags.output);
    const object = flags.raw ? shown : withoutSecrets(shown);
    io.out(renderObject(format.kind === "table" ? { kind: "yaml" } : format, object, "config"));
  },
});

export const configCurrentContext = defineCommand({
  usage: "config current-context",
  flags: {},
  async run({ session }) {
    const { "current-context": current } = await readKubeconfig(session.io, session.globals);
    if (!current) throw new CommandError("current-context is not set");
    session.io.out(`${current}\n`);
  },
});

export const configUseContext = defineCommand({
  usage: "config use-context NAME",
  flags: {},
  async run({ args, session }) {
    const [name, ...more] = args;
    if (name === undefined || more.length > 0) throw new CommandError("exactly one NAME of a context is required");
    const config = await readKubeconfig(session.io, session.globals);
    const names = config.contexts?.map((each) => each.name) ?? [];
    if (!names.includes(name)) {
      const suggestion = closestName(name, names);
      throw new CommandError(
        `no context exists with the name: ${JSON.stringify(name)}${suggestion ? `; did you mean "${suggestion}"?` : ""}`,
      );
    }
    await changeKubeconfig(session.io, session.globals, {
      isHome: (each) => Boolean(each["current-context"]),
      change: (each) => ({ ...each, "current-context": name }),
    });
    session.io.out(`Switched to context "${name}".\n`);
  },
});

export const configGetContexts = defineCommand({
  usage: "config get-contexts [NAME ...] [-o name] [--no-headers]",
  flags: {
    output: text("name, for the names alone.", { short: "o" }),
    "no-headers": onOff("Leave the headers out."),
  },
  async run({ flags, args, session }) {
    const { io, globals } = session;
    const config = await readKubeconfig(io, globals);
    const all = [...(config.contexts ?? [])].sort((one, other) => (one.name < other.name ? -1 : 1));
    const missing = args.find((name) => !all.some((each) => each.name === name));
    if (missing !== undefined) throw new CommandError(`context ${missing} not found`);
    const shown = args.length === 0 ? all : all.filter(({ name }) => args.includes(name));
    if (flags.output === "name") {
      io.out(shown.map(({ name }) => `${name}\n`).join(""));
      return;
    }
    const rows = shown.map(({ name, context }) => [
      name === config["current-context"] ? "*" : "",
      name,
      context.cluster,
      context.user,
      context.namespace ?? "",
    ]);
    const lines = flags["no-headers"] ? rows : [["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"], ...rows];
    io.out(alignTabs(lines.map((cells) => `${cells.join("\t")}\n`).join(""), tableSpacing));
  },
});

export const configSetContext = defineCommand({
  usage: "config set-context (NAME | --current) [--cluster=NAME] [--user=NAME] [--namespace=NAME]",
  examples: ["kctl config set-context --current --namespace=shop"],
  flags: { current: onOff("Change the current context.") },
  async run({ flags, args, session }) {
    const { io, globals } = session;
    const config = await readKubeconfig(io, globals);
    const name = flags.current ? config["current-context"] : args[0];
    if (!name) throw new CommandError("the NAME of a context is required, or --current where there is one");
    const exists = config.contexts?.some((each) => each.name === name) ?? false;
    const { cluster, user, namespace } = globals;
    await changeKubeconfig(io, globals, {
      isHome: (each) => each.contexts?.some((other) => other.name === name) ?? false,
      change(each) {
        const old = each.contexts?.find((other) => other.name === name)?.context ?? { cluster: "", user: "" };
        const context = {
          ...old,
          ...(cluster !== undefined && { cluster }),
          ...(user !== undefined && { user }),
          ...(namespace !== undefined && { namespace }),
        };
        const others = (each.contexts ?? []).filter((other) => other.name !== name);
        return { ...each, contexts: [...others, { name, context }] };
      },
    });
    io.out(`Context "${name}" ${exists ? "modified" : "created"}.\n`);
  },
});
