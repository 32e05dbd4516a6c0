// A pod template as `kctl rollout history --revision` describes it. Pure; the layout is kubectl's, tabs included.

import type { Container } from "../../api/core/container.ts";
import type { PodSpec } from "../../api/core/pod.ts";
import { renderEnvVar } from "../changes/env-changes.ts";
import type { PodTemplate } from "./rollout-history.ts";

type Toleration = NonNullable<PodSpec["tolerations"]>[number];

/** Ends in a newline. */
export function describeTemplate({ metadata = {}, spec }: PodTemplate): string {
  const lines = [
    "Pod Template:",
    ...describeMap("  Labels:", metadata.labels ?? {}, { always: true }),
    ...describeMap("  Annotations:", metadata.annotations ?? {}, { always: false }),
    ...(spec ? describeSpec(spec) : []),
  ];
  return `${lines.join("\n")}\n`;
}

function describeSpec(spec: PodSpec): string[] {
  const { initContainers = [], containers, volumes = [], serviceAccountName } = spec;
  return [
    ...(serviceAccountName ? [`  Service Account:\t${serviceAccountName}`] : []),
    ...(initContainers.length > 0 ? ["  Init Containers:", ...initContainers.flatMap(describeContainer)] : []),
    "  Containers:",
    ...containers.flatMap(describeContainer),
    ...(volumes.length === 0 ? ["  Volumes:\t<none>"] : ["  Volumes:", ...volumes.flatMap(describeVolume)]),
    ...describeMap("  Node-Selectors:", spec.nodeSelector ?? {}, { always: true }),
    ...describeList("  Tolerations:", (spec.tolerations ?? []).map(describeToleration)),
  ];
}

function describeToleration({ key = "", operator, value, effect }: Toleration): string {
  const subject = operator === "Exists" || !value ? key : `${key}=${value}`;
  return `${subject}${effect ? `:${effect}` : ""}${operator === "Exists" ? " op=Exists" : ""}`;
}

function describeList(title: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [`${title}\t<none>`] : texts.map((text, index) => `${index === 0 ? title : ""}\t${text}`);
}

function describeMap(
  title: string,
  entries: Readonly<Record<string, string>>,
  { always }: { readonly always: boolean },
): string[] {
  const texts = Object.keys(entries)
    .sort()
    .map((key) => `${key}=${entries[key]}`);
  return texts.length === 0 && !always ? [] : describeList(title, texts);
}

function describeContainer(container: Container): string[] {
  const { ports = [], env = [], volumeMounts = [], resources = {} } = container;
  const numbers = (read: (port: (typeof ports)[number]) => number | undefined) =>
    ports.map((port) => `${read(port) ?? 0}/${port.protocol ?? "TCP"}`).join(", ") || "<none>";
  const isMany = ports.length > 1;
  return [
    `   ${container.name}:`,
    `    Image:\t${container.image ?? ""}`,
    `    Port${isMany ? "s" : ""}:\t${numbers((port) => port.containerPort)}`,
    `    Host Port${isMany ? "s" : ""}:\t${numbers((port) => port.hostPort)}`,
    ...describeWords("Command", container.command),
    ...describeWords("Args", container.args),
    ...describeAmounts("Limits", resources.limits),
    ...describeAmounts("Requests", resources.requests),
    ...describeBlock("Environment", env.map(describeVariable)),
    ...describeBlock(
      "Mounts",
      volumeMounts.map(({ mountPath, name, readOnly }) => `${mountPath} from ${name} (${readOnly ? "ro" : "rw"})`),
    ),
  ];
}

function describeVariable(variable: Parameters<typeof renderEnvVar>[0]): string {
  return variable.valueFrom ? renderEnvVar(variable) : `${variable.name}:\t${variable.value ?? ""}`;
}

const describeBlock = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [`    ${title}:\t<none>`] : [`    ${title}:`, ...lines.map((line) => `      ${line}`)];

const describeWords = (title: string, words: readonly string[] = []): string[] =>
  words.length === 0 ? [] : [`    ${title}:`, ...words.map((word) => `      ${word}`)];

const describeAmounts = (title: string, amounts: Readonly<Record<string, string>> = {}): string[] => {
  const names = Object.keys(amounts).sort();
  return names.length === 0 ? [] : [`    ${title}:`, ...names.map((name) => `      ${name}:\t${amounts[name]}`)];
};

function describeVolume({ name, ...source }: { readonly name: string } & Readonly<Record<string, unknown>>): string[] {
  const [kind] = Object.keys(source).filter((key) => source[key] !== undefined);
  return [`   ${name}:`, `    Type:\t${kind ? `${kind[0]?.toUpperCase()}${kind.slice(1)}` : "<unknown>"}`];
}
