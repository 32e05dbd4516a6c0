import { expect } from "chai";
import type { KubeObject } from "../../api/meta/object.ts";
import { StatusError } from "../../api/meta/status.ts";
import type { ApiRequest } from "../api-request.ts";
import { allowAuthenticated } from "../authorizer.ts";
import type { Server } from "../server.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission-step.ts";
import { admitConnection, runAdmission, runValidation } from "./run-admission.ts";

const objectOf = (name: string) => ({ metadata: { name } }) as unknown as KubeObject;
const request = { operation: "CREATE", object: objectOf("sent") } as unknown as AdmissionRequest & {
  object: KubeObject;
};
const check = (key: string) => ({ checks: [{ key, revision: 1 }] });

describe("admission steps", () => {
  it("each change what the one before has made", async () => {
    const steps: AdmissionStep[] = ["a", "b"].map((name) => ({
      name,
      admit: ({ object }) =>
        Promise.resolve({ object: objectOf(`${object?.metadata.name}-${name}`), besides: check(name) }),
    }));
    const { object, besides } = await runAdmission([...steps, { name: "c" }], request);
    expect([object.metadata.name, besides]).to.deep.equal(["sent-a-b", [check("a"), check("b")]]);
  });

  it("all see the object as it will be stored", async () => {
    const seen: unknown[] = [];
    const steps: AdmissionStep[] = ["a", "b"].map((name) => ({
      name,
      validate: ({ object }) => {
        seen.push(object?.metadata.name);
        return name === "b" ? check(name) : undefined;
      },
    }));
    expect(await runValidation(steps, request)).to.deep.equal([check("b")]);
    expect(seen).to.deep.equal(["sent", "sent"]);
  });

  it("may refuse connections", async () => {
    const admission: AdmissionStep[] = [
      {
        name: "NoExec",
        admit: ({ operation, subresource, name }) => {
          throw new StatusError("Forbidden", `${operation} ${name} ${subresource}`);
        },
      },
    ];
    const server = { admission, clock: new FakeClock(), auth: { authorizer: allowAuthenticated } } as unknown as Server;
    const exec = {
      http: { query: new URLSearchParams() },
      name: "web",
      namespace: "default",
      subresource: "exec",
      warnings: [],
    } as unknown as ApiRequest;
    const refusal = await admitConnection(server, exec).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(StatusError).with.property("message", "CONNECT web exec");
  });
});
