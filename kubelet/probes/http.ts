// The HTTP probe: a GET that is answered with a status from 200 to 399. A redirect counts as an answer and is not followed,
// so that a container cannot send the kubelet anywhere.

import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { HTTPGetAction } from "../../api/core/probe.ts";
import { describeDialError, failed, passed, resolvePort, type Probe, type ProbeTarget } from "./probe.ts";

export const httpProbe: Probe = {
  field: "httpGet",
  async run({ httpGet }, target, signal) {
    if (!httpGet) throw new Error("the probe has no httpGet");
    const url = buildUrl(httpGet, target);
    try {
      const status = await get(url, headersOf(httpGet), signal);
      return status >= 200 && status < 400 ? passed : failed(`HTTP probe failed with statuscode: ${status}`);
    } catch (error) {
      return failed(`Get "${url.href}": ${describe(error as NodeJS.ErrnoException, url)}`);
    }
  },
};

function buildUrl({ scheme = "HTTP", host, port, path = "/" }: HTTPGetAction, target: ProbeTarget): URL {
  const name = host || target.host;
  const authority = name.includes(":") ? `[${name}]` : name;
  const root = `${scheme.toLowerCase()}://${authority}:${resolvePort(port, target.container)}`;
  return new URL(path.startsWith("/") ? root + path : `${root}/${path}`);
}

export function headersOf({ httpHeaders = [] }: Pick<HTTPGetAction, "httpHeaders">): Record<string, string[]> {
  const headers: Record<string, string[]> = { "user-agent": ["kube-probe/1.33"], accept: ["*/*"] };
  const given = new Set<string>();
  for (const { name, value } of httpHeaders) {
    const key = name.toLowerCase();
    headers[key] = given.has(key) ? [...(headers[key] ?? []), value] : [value];
    given.add(key);
  }
  // An empty value takes a default header away.
  return Object.fromEntries(Object.entries(headers).filter(([, values]) => values.some((value) => value !== "")));
}

function get(url: URL, headers: Record<string, string[]>, signal: AbortSignal): Promise<number> {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const { host, ...others } = headers;
  return new Promise((resolve, reject) => {
    // A container's certificate is its own affair: the probe asks whether it answers, not who it is.
    const options = {
      signal,
      agent: false,
      rejectUnauthorized: false,
      headers: { ...others, host: host?.[0] ?? url.host },
    };
    const request = send(url, options, (response: IncomingMessage) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.on("error", reject);
    request.end();
  });
}

function describe(error: NodeJS.ErrnoException, url: URL): string {
  if (error.code === "ABORT_ERR") return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return describeDialError(error, `${url.hostname}:${port}`);
}
