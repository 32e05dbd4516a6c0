import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { StatusError } from "../../api/meta/status.ts";
import { buildKubeletRequest, type PodStream } from "./kubelet-request.ts";

const podOf = (containers: readonly string[], rest: Readonly<Record<string, unknown>> = { nodeName: "n1" }): Pod =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: "default", name: "web", uid: "u", resourceVersion: "1", creationTimestamp: "" },
    spec: { containers: containers.map((name) => ({ name, image: "i" })), ...rest },
  }) as unknown as Pod;
const web = podOf(["main"]);

function render(stream: PodStream, query: string, pod = web): string {
  try {
    const request = buildKubeletRequest(stream, pod, new URLSearchParams(query));
    return request ? `${request.path}?${request.query.toString()}` : "nothing to ask";
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

describe("the kubelet's request for a stream of a pod", () => {
  for (const [stream, query, expected] of [
    ["log", "", "/containerLogs/default/web/main?"],
    ["log", "follow=true&previous=false&timestamps=1", "/containerLogs/default/web/main?follow=true&timestamps=true"],
    [
      "log",
      "tailLines=0&sinceSeconds=5&limitBytes=10",
      "/containerLogs/default/web/main?sinceSeconds=5&tailLines=0&limitBytes=10",
    ],
    ["log", "pretty=true&container=main", "/containerLogs/default/web/main?"],
    ["log", "container=x", "400 container x is not valid for pod web"],
    ["log", "tailLines=many", '400 tailLines must be a whole number, not "many"'],
    ["log", "sinceTime=yesterday", '400 sinceTime must be a time as in RFC 3339, not "yesterday"'],
    [
      "log",
      "tailLines=-1",
      '422 PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      "exec",
      "command=sh&command=-c&command=a+b&stdin=true&tty=false",
      "/exec/default/web/main?input=1&command=sh&command=-c&command=a+b",
    ],
    ["exec", "stdout=1&stderr=true&tty=true", "/exec/default/web/main?output=1&error=1&tty=1"],
    ["attach", "stdin=true&command=ignored", "/attach/default/web/main?input=1"],
    ["attach", "container=x", "400 container x is not valid for pod web"],
    ["portforward", "ports=80&ports=81,82", "/portForward/default/web?port=80&port=81&port=82"],
    ["portforward", "", "/portForward/default/web?"],
    ["portforward", "ports=0", '400 "0" is no port number'],
    ["portforward", "ports=99999", '400 "99999" is no port number'],
  ] as const) {
    it(`${stream}?${query} is ${expected}`, () => {
      expect(render(stream, query)).to.equal(expected);
    });
  }

  it("takes any kind of container by its name, and asks for one where there are several", () => {
    const pod = podOf(["a", "b"], {
      nodeName: "n1",
      initContainers: [{ name: "i" }],
      ephemeralContainers: [{ name: "debug" }],
    });
    for (const name of ["a", "b", "i", "debug"]) {
      expect(render("log", `container=${name}`, pod)).to.equal(`/containerLogs/default/web/${name}?`);
    }
    expect(render("exec", "", pod)).to.equal(
      "400 a container name must be specified for pod web, choose one of: [a b] or one of the init containers: [i]",
    );
  });

  it("needs a node, except for the log, which is empty before", () => {
    const waiting = podOf(["main"], {});
    expect(render("log", "", waiting)).to.equal("nothing to ask");
    for (const stream of ["exec", "attach", "portforward"] as const) {
      expect(render(stream, "", waiting)).to.equal("400 pod web does not have a host assigned");
    }
  });
});
