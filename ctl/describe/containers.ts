// Containers and volumes in descriptions of pods and of their templates. Pure.

import { entriesAt, listAt, textAt, valueAt } from "../any-object.ts";
import { renderGoValue } from "../printers/go-text.ts";
import { indented, labelled, orNone, renderTime, type Lines } from "./text.ts";

export interface ContainerGroup {
  readonly title: string;
  readonly containers: readonly unknown[];
  readonly statuses: readonly unknown[];
  /** The object that fieldRefs read; undefined in templates. */
  readonly pod?: unknown;
  /** Templates stand two columns to the right. */
  readonly isTemplate?: boolean;
}

export function containerLines({ title, containers, statuses, pod, isTemplate }: ContainerGroup): Lines {
  const space = isTemplate ? "  " : "";
  if (containers.length === 0) return [`${space}${title}: <none>`];
  const lines = containers.flatMap((container) => {
    const status = statuses.find((each) => textAt(each, "name") === textAt(container, "name"));
    return [
      `  ${isTemplate ? " " : ""}${textAt(container, "name")}:`,
      ...indented(4, [
        ...basicLines(container, status),
        ...listLines("Command", listAt(container, "command")),
        ...listLines("Args", listAt(container, "args")),
        ...(status ? statusLines(status) : []),
        ...resourceLines("Limits", container, "limits"),
        ...resourceLines("Requests", container, "requests"),
        ...probeLines(container),
        ...sourceLines(container),
        ...environmentLines(container, pod),
        ...mountLines(container),
      ]),
    ];
  });
  return [`${space}${title}:`, ...lines];
}

function basicLines(container: unknown, status: unknown): Lines {
  const ports = listAt(container, "ports");
  const protocol = (port: unknown) => textAt(port, "protocol") || "TCP";
  const own = ports.map((port) => `${textAt(port, "containerPort")}/${protocol(port)}`).join(", ");
  const host = ports.map((port) => `${textAt(port, "hostPort") || "0"}/${protocol(port)}`).join(", ");
  return [
    ...(status ? [`Container ID:\t${textAt(status, "containerID")}`] : []),
    `Image:\t${textAt(container, "image")}`,
    ...(status ? [`Image ID:\t${textAt(status, "imageID")}`] : []),
    `Port${own.includes(",") ? "s" : ""}:\t${orNone(own)}`,
    `Host Port${host.includes(",") ? "s" : ""}:\t${orNone(host)}`,
  ];
}

const listLines = (title: string, items: readonly unknown[]): Lines =>
  items.length === 0
    ? []
    : [
        `${title}:`,
        ...indented(
          2,
          items.flatMap((item) => String(item).split("\n")),
        ),
      ];

function statusLines(status: unknown): Lines {
  return [
    ...stateLines("State", valueAt(status, "state")),
    ...(valueAt(status, "lastState", "terminated") ? stateLines("Last State", valueAt(status, "lastState")) : []),
    `Ready:\t${valueAt(status, "ready") === true ? "True" : "False"}`,
    `Restart Count:\t${textAt(status, "restartCount") || "0"}`,
  ];
}

function stateLines(title: string, state: unknown): Lines {
  const running = valueAt(state, "running");
  if (running) return [`${title}:\tRunning`, `  Started:\t${renderTime(valueAt(running, "startedAt"))}`];
  const terminated = valueAt(state, "terminated");
  if (!terminated)
    return [`${title}:\tWaiting`, ...indented(2, labelled("Reason", textAt(state, "waiting", "reason")))];
  return [
    `${title}:\tTerminated`,
    ...indented(2, [
      ...labelled("Reason", textAt(terminated, "reason")),
      ...labelled("Message", textAt(terminated, "message")),
      `Exit Code:\t${textAt(terminated, "exitCode")}`,
      ...(Number(textAt(terminated, "signal")) > 0 ? [`Signal:\t${textAt(terminated, "signal")}`] : []),
      `Started:\t${renderTime(valueAt(terminated, "startedAt"))}`,
      `Finished:\t${renderTime(valueAt(terminated, "finishedAt"))}`,
    ]),
  ];
}

function resourceLines(title: string, container: unknown, field: string): Lines {
  const entries = entriesAt(container, "resources", field);
  return entries.length === 0 ? [] : [`${title}:`, ...entries.map(([name, amount]) => `  ${name}:\t${String(amount)}`)];
}

const probeLines = (container: unknown): Lines =>
  (["Liveness", "Readiness", "Startup"] as const).flatMap((title) => {
    const probe = valueAt(container, `${title.toLowerCase()}Probe`);
    return probe ? [`${title}:\t${renderProbe(probe)}`] : [];
  });

function renderProbe(probe: unknown): string {
  const count = (field: string, unset: string) => textAt(probe, field) || unset;
  const attributes = [
    `delay=${count("initialDelaySeconds", "0")}s`,
    `timeout=${count("timeoutSeconds", "0")}s`,
    `period=${count("periodSeconds", "0")}s`,
    `#success=${count("successThreshold", "0")}`,
    `#failure=${count("failureThreshold", "0")}`,
  ].join(" ");
  const [http, tcp, exec, grpc] = ["httpGet", "tcpSocket", "exec", "grpc"].map((field) => valueAt(probe, field));
  if (exec) return `exec ${renderGoValue(listAt(exec, "command"))} ${attributes}`;
  if (http) {
    const scheme = (textAt(http, "scheme") || "HTTP").toLowerCase();
    return `http-get ${scheme}://${textAt(http, "host")}:${textAt(http, "port")}${textAt(http, "path")} ${attributes}`;
  }
  if (tcp) return `tcp-socket ${textAt(tcp, "host")}:${textAt(tcp, "port")} ${attributes}`;
  if (grpc) return `grpc <pod>:${textAt(grpc, "port")} ${textAt(grpc, "service")} ${attributes}`;
  return `unknown ${attributes}`;
}

function sourceLines(container: unknown): Lines {
  const sources = listAt(container, "envFrom");
  if (sources.length === 0) return [];
  const lines = sources.map((source) => {
    const field = valueAt(source, "configMapRef") ? "configMapRef" : "secretRef";
    const prefix = textAt(source, "prefix");
    const kind = field === "configMapRef" ? "ConfigMap" : "Secret";
    const optional = valueAt(source, field, "optional") === true;
    return `  ${textAt(source, field, "name")}\t${kind}${prefix ? ` with prefix '${prefix}'` : ""}\tOptional: ${optional}`;
  });
  return ["Environment Variables from:", ...lines];
}

function environmentLines(container: unknown, pod: unknown): Lines {
  const variables = listAt(container, "env");
  if (variables.length === 0) return ["Environment:\t<none>"];
  return [
    "Environment:",
    ...indented(
      2,
      variables.flatMap((variable) => variableLines(variable, pod)),
    ),
  ];
}

function variableLines(variable: unknown, pod: unknown): Lines {
  const name = textAt(variable, "name");
  const from = valueAt(variable, "valueFrom");
  const [first, ...more] = textAt(variable, "value").split("\n");
  if (!from) return [`${name}:\t${first}`, ...more.map((line) => `\t${line}`)];
  const optional = (field: string) => `\tOptional: ${valueAt(from, field, "optional") === true}`;
  const key = (field: string) => [textAt(from, field, "key"), textAt(from, field, "name")] as const;
  if (valueAt(from, "secretKeyRef")) {
    const [entry, object] = key("secretKeyRef");
    return [`${name}:\t<set to the key '${entry}' in secret '${object}'>${optional("secretKeyRef")}`];
  }
  if (valueAt(from, "configMapKeyRef")) {
    const [entry, object] = key("configMapKeyRef");
    return [`${name}:\t<set to the key '${entry}' of config map '${object}'>${optional("configMapKeyRef")}`];
  }
  if (valueAt(from, "resourceFieldRef")) return [`${name}:\t (${textAt(from, "resourceFieldRef", "resource")})`];
  const path = textAt(from, "fieldRef", "fieldPath");
  const version = textAt(from, "fieldRef", "apiVersion") || "v1";
  // The status is not shown here, as with kubectl: the container has got what it was at its start.
  const value = path.startsWith("metadata.") ? textAt(pod, ...path.split(".")) : "";
  return [`${name}:\t${value} (${version}:${path})`];
}

function mountLines(container: unknown): Lines {
  const mounts = listAt(container, "volumeMounts");
  if (mounts.length === 0) return ["Mounts:\t<none>"];
  const sorted = [...mounts].sort((one, other) => (textAt(one, "mountPath") < textAt(other, "mountPath") ? -1 : 1));
  const lines = sorted.map((mount) => {
    const subPath = textAt(mount, "subPath");
    const flags = [
      valueAt(mount, "readOnly") === true ? "ro" : "rw",
      ...(subPath ? [`path=${JSON.stringify(subPath)}`] : []),
    ];
    return `  ${textAt(mount, "mountPath")} from ${textAt(mount, "name")} (${flags.join(",")})`;
  });
  return ["Mounts:", ...lines];
}
