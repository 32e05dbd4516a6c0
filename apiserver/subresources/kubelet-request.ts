// What the API server asks a kubelet on behalf of a user: the pure translation of log, exec, attach and port-forward
// requests into the kubelet's own paths and parameters. Nothing of the user's that is not named here is passed on.

import type { Pod } from "../../api/core/pod.ts";
import { invalid, StatusError } from "../../api/meta/status.ts";
import { forbiddenField, invalidField, type FieldError } from "../../api/schema/field-error.ts";
import { chooseContainer } from "./pod-container.ts";

export type PodStream = "log" | "exec" | "attach" | "portforward";

export interface KubeletRequest {
  /** Canonical, not encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * The kubelet's request for a pod's stream; undefined where there is nothing to ask: the log of a pod that has no node yet
 * is empty. Throws BadRequest and Invalid, in Kubernetes' words.
 */
export function buildKubeletRequest(stream: PodStream, pod: Pod, query: URLSearchParams): KubeletRequest | undefined {
  switch (stream) {
    case "log":
      return buildLogRequest(pod, query);
    case "exec":
      return buildAttachRequest("exec", pod, query);
    case "attach":
      return buildAttachRequest("attach", pod, query);
    case "portforward":
      return buildPortForwardRequest(pod, query);
  }
}

function buildLogRequest(pod: Pod, query: URLSearchParams): KubeletRequest | undefined {
  const errors = validateLogOptions(query);
  if (errors.length > 0) throw invalid({ group: "", kind: "PodLogOptions", plural: "pods" }, pod.metadata.name, errors);
  const container = chooseContainer(pod, query.get("container"));
  if (!pod.spec.nodeName) return undefined;
  const passed = new URLSearchParams();
  for (const flag of ["follow", "previous", "timestamps"]) if (isTrue(query.get(flag))) passed.set(flag, "true");
  for (const name of ["sinceSeconds", "sinceTime", "tailLines", "limitBytes"]) {
    const value = query.get(name);
    if (value) passed.set(name, value);
  }
  return { path: `/containerLogs/${podPath(pod)}/${container}`, query: passed };
}

function validateLogOptions(query: URLSearchParams): FieldError[] {
  const number = (name: string, min: number, rule: string): FieldError[] => {
    const text = query.get(name);
    if (!text) return [];
    if (!/^-?\d+$/.test(text))
      throw new StatusError("BadRequest", `${name} must be a whole number, not ${JSON.stringify(text)}`);
    return Number(text) < min ? [invalidField(name, Number(text), rule)] : [];
  };
  const { sinceSeconds, sinceTime } = { sinceSeconds: query.get("sinceSeconds"), sinceTime: query.get("sinceTime") };
  if (sinceTime && Number.isNaN(Date.parse(sinceTime))) {
    throw new StatusError("BadRequest", `sinceTime must be a time as in RFC 3339, not ${JSON.stringify(sinceTime)}`);
  }
  const both = sinceSeconds && sinceTime;
  return [
    ...number("tailLines", 0, "must be greater than or equal to 0"),
    ...number("limitBytes", 1, "must be greater than 0"),
    ...(both ? [forbiddenField("", "at most one of `sinceTime` or `sinceSeconds` may be specified")] : []),
    ...(both ? [] : number("sinceSeconds", 1, "must be greater than 0")),
  ];
}

/** The kubelet's names of the streams that a user asks for. */
const STREAMS = { stdin: "input", stdout: "output", stderr: "error", tty: "tty" } as const;

function buildAttachRequest(stream: "exec" | "attach", pod: Pod, query: URLSearchParams): KubeletRequest {
  const container = chooseContainer(pod, query.get("container"));
  requireNode(pod);
  const passed = new URLSearchParams();
  for (const [name, kubeletName] of Object.entries(STREAMS)) if (isTrue(query.get(name))) passed.set(kubeletName, "1");
  if (stream === "exec") for (const word of query.getAll("command")) passed.append("command", word);
  return { path: `/${stream}/${podPath(pod)}/${container}`, query: passed };
}

function buildPortForwardRequest(pod: Pod, query: URLSearchParams): KubeletRequest {
  requireNode(pod);
  const passed = new URLSearchParams();
  for (const port of query.getAll("ports").flatMap((each) => each.split(","))) {
    if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535) {
      throw new StatusError("BadRequest", `${JSON.stringify(port)} is no port number`);
    }
    passed.append("port", port);
  }
  return { path: `/portForward/${podPath(pod)}`, query: passed };
}

function requireNode(pod: Pod): void {
  if (!pod.spec.nodeName) throw new StatusError("BadRequest", `pod ${pod.metadata.name} does not have a host assigned`);
}

const podPath = ({ metadata }: Pod) => `${metadata.namespace}/${metadata.name}`;

/** As Kubernetes reads booleans in a query: anything but "", "0" and "false" is true. */
const isTrue = (text: string | null) => text !== null && !["", "0", "false"].includes(text.toLowerCase());
