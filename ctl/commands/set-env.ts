// kctl set env: sets, removes and lists the environment variables of the containers of workloads.

import type { EnvVar } from "../../api/core/env.ts";
import { entriesAt, type AnyObject } from "../any-object.ts";
import { applyEnvChanges, envFromKeys, isEnvChange, parseEnvChanges, renderEnvVar } from "../changes/env-changes.ts";
import { changeChosen, isChosen, splitPodChanges, templateFlags } from "../changes/template-change.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { onOff, text, textOr, texts } from "../flags.ts";
import { allContainers, podSpecOf } from "../pods/pod-template.ts";
import { selectNamed } from "../select-named.ts";
import { throwErrors } from "../select-objects.ts";
import type { Session } from "../session.ts";

export const setEnv = defineCommand({
  usage: "set env (TYPE NAME | TYPE/NAME | -f FILE) NAME=VALUE ... NAME- ...",
  description: "A name followed by a dash is removed.",
  examples: [
    "kctl set env deployment/web LEVEL=debug",
    "kctl set env deployment/web LEVEL-",
    "kctl set env deployment/web --from=configmap/web",
    "kctl set env deployment/web --list",
  ],
  flags: {
    ...templateFlags,
    containers: textOr("*", "The containers, by name; * stands for any letters.", { short: "c" }),
    env: texts("NAME=VALUE of a variable to set.", { short: "e" }),
    from: text("A ConfigMap or Secret, as TYPE/NAME, with a variable for each key."),
    prefix: textOr("", "Goes before the names of variables of --from."),
    list: onOff("Show the variables."),
  },
  async run({ flags, args, session }) {
    const { resources, changes: words } = splitPodChanges(args, isEnvChange);
    const given = parseEnvChanges([...words, ...flags.env]);
    const fromKeys = flags.from ? await readSource(session, flags.from, flags.prefix) : [];
    const changes = { ...given, set: [...fromKeys, ...given.set] };
    const selected = await selectNamed(session, { ...flags, args: resources });
    if (flags.list) {
      for (const { object } of selected.objects) session.io.out(renderVariables(object, flags.containers));
      throwErrors(selected.errors);
      return;
    }
    if (changes.set.length + changes.remove.length === 0) {
      throw new CommandError("at least one environment variable must be provided");
    }
    const { changeAll } = await import("../changes/change-object.ts");
    await changeAll(session, selected, {
      flags,
      fieldManager: flags["field-manager"] ?? "kubectl-set",
      plan(object) {
        const changed = changeChosen(object, flags.containers, (container) => applyEnvChanges(container, changes));
        if (changed) return changed;
        const { kind, metadata } = object;
        session.io.err(
          `Warning: ${kind}/${metadata.name} does not have any containers matching "${flags.containers}"\n`,
        );
        return object;
      },
      describe: ({ isChanged }) => (isChanged ? "env updated" : undefined),
    });
  },
});

async function readSource(session: Session, word: string, prefix: string): Promise<readonly EnvVar[]> {
  const { objects, errors } = await selectNamed(session, { args: [word] });
  throwErrors(errors);
  return objects.flatMap(({ object }) => {
    const { kind, metadata } = object;
    if (kind !== "ConfigMap" && kind !== "Secret") {
      throw new CommandError(`unsupported resource specified in --from: ${word}; it must be a ConfigMap or a Secret`);
    }
    const keys = entriesAt(object, "data").map(([key]) => key);
    const { variables, renamed } = envFromKeys({ kind, name: metadata.name ?? "", keys }, prefix);
    for (const { key, name } of renamed) session.io.err(`Warning: key ${key} transferred to ${name}\n`);
    return variables;
  });
}

function renderVariables(object: AnyObject, pattern: string): string {
  const spec = podSpecOf(object);
  const containers = spec ? allContainers(spec).filter((container) => isChosen(container, pattern)) : [];
  return containers
    .map(({ name, env = [] }) => {
      const header = `# ${object.kind} ${object.metadata.name}, container ${name}\n`;
      return header + env.map((variable) => `${renderEnvVar(variable)}\n`).join("");
    })
    .join("");
}
