import { Readable } from "node:stream";
import { expect } from "chai";
import { DockerError, type DockerEngine } from "./docker-engine.ts";
import { completeReference, DockerImages } from "./docker-images.ts";

/** A Docker Engine whose pulls end with these messages, or fail with this error. */
function engineWith(answer: readonly object[] | Error): DockerEngine {
  return {
    call: () => Promise.reject(new DockerError(404, "No such image")),
    stream: () =>
      answer instanceof Error
        ? Promise.reject(answer)
        : Promise.resolve(Readable.from([answer.map((message) => JSON.stringify(message)).join("\r\n")])),
    connect: () => Promise.reject(new Error("not asked for")),
  };
}

describe("DockerImages", () => {
  const { signal } = new AbortController();

  const references: [string, string][] = [
    ["nginx", "nginx:latest"],
    ["nginx:1.27", "nginx:1.27"],
    ["registry:5000/team/app", "registry:5000/team/app:latest"],
    ["app@sha256:0123", "app@sha256:0123"],
  ];
  for (const [given, expected] of references) {
    it(`pulls ${given} as ${expected}`, () => expect(completeReference(given)).to.equal(expected));
  }

  const failures: [string, readonly object[] | Error, string, string][] = [
    [
      "a registry that refuses",
      [{ status: "Pulling" }, { error: "manifest unknown" }],
      "ErrImagePull",
      "manifest unknown",
    ],
    ["a missing image", new DockerError(404, "pull access denied for x"), "ErrImagePull", "pull access denied"],
    ["a registry that is down", new DockerError(500, "dial tcp: connection refused"), "RegistryUnavailable", "refused"],
    ["a bad name", new DockerError(400, "invalid reference format"), "InvalidImageName", "invalid reference format"],
    ["messages that are none", new Error("Unexpected token"), "ErrImagePull", "Unexpected token"],
  ];
  for (const [what, answer, reason, cause] of failures) {
    it(`says ${reason} and the cause for ${what}`, async () => {
      const images = new DockerImages(engineWith(answer));
      const error = await images.pull("x", { signal }).catch((failure: Error) => failure);
      expect(error).to.include({ name: "RuntimeError", reason });
      expect((error as Error).message)
        .to.include('"x"')
        .and.to.include(cause);
    });
  }

  it("hands over credentials in base64 for URLs with its padding, which Docker takes for none without", async () => {
    const sent: string[] = [];
    const engine = engineWith(new Error("no more"));
    const stream: DockerEngine["stream"] = (request) => {
      sent.push(request.headers?.["X-Registry-Auth"] ?? "");
      return engine.stream(request);
    };
    for (const password of ["p", "pp", "ppp", "\u00ff\u00ff\u00fe?>"]) {
      const credentials = { username: "robot", password, server: "127.0.0.1:5000" };
      await new DockerImages({ ...engine, stream }).pull("x", { signal, credentials }).catch(() => undefined);
      const text = sent.at(-1) ?? "";
      expect(text).to.match(/^[\w-]+={0,2}$/);
      expect(text.length % 4).to.equal(0);
      expect(JSON.parse(Buffer.from(text, "base64url").toString())).to.include({ username: "robot", password });
    }
  });
});
