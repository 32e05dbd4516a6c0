// What the `kctl set` commands share: their flags, and which objects and containers they work on.

import type { Container } from "../../api/core/container.ts";
import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { outputFlags } from "../printers/output-format.ts";
import { dryRunFlags, fieldManagerFlags } from "../report.ts";
import { selectionFlags } from "../select-objects.ts";
import { mapContainers, podSpecOf } from "../pods/pod-template.ts";

export const templateFlags = { ...selectionFlags, ...dryRunFlags, ...fieldManagerFlags, ...outputFlags };

/** Arguments that name resources, and those that say what to change, in whatever order. */
export function splitPodChanges(
  args: readonly string[],
  isChange: (word: string) => boolean,
): { resources: string[]; changes: string[] } {
  return { resources: args.filter((word) => !isChange(word)), changes: args.filter(isChange) };
}

/** Throws CommandError, in kubectl's words, for kinds that make no pods. */
export function requirePodSpec(object: AnyObject): AnyObject {
  if (podSpecOf(object)) return object;
  const { apiVersion, kind, metadata } = object;
  const type = `*${apiVersion.split("/").at(-1)}.${kind}`;
  throw new CommandError(
    `${kind.toLowerCase()}s/${metadata.name} the object is not a pod or does not have a pod template: ${type}`,
  );
}

/** Whether a container is meant by `--containers`, where `*` stands for any run of letters. */
export function isChosen(container: Pick<Container, "name">, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(container.name);
}

/** The object with the chosen containers changed; undefined where it has none such. */
export function changeChosen(
  object: AnyObject,
  pattern: string,
  change: (container: Container) => Container,
): AnyObject | undefined {
  let found = false;
  const changed = mapContainers(requirePodSpec(object), (container) => {
    if (!isChosen(container, pattern)) return container;
    found = true;
    return change(container);
  });
  return found ? changed : undefined;
}
