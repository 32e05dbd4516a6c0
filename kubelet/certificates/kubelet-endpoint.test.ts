import { expect } from "chai";
import { createClient } from "../../client/api-client.ts";
import { silentLog } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { openEndpoint, type EndpointOptions } from "./kubelet-endpoint.ts";

const open = (flags: Partial<EndpointOptions>) =>
  openEndpoint({
    client: createClient(() => Promise.reject(new Error("there is no API server"))),
    nodeName: "n1",
    hosts: ["n1"],
    address: "127.0.0.1",
    port: 0,
    isRotating: false,
    certificateDirectory: "/pki",
    files: { readStart: () => Promise.resolve(new Uint8Array()), write: () => Promise.resolve() },
    readFile: (path) => Promise.reject(new Error(`there is no ${path}`)),
    clock: new FakeClock(),
    random: seededRandom(1),
    log: silentLog,
    ...flags,
  });
const problem = (flags: Partial<EndpointOptions>) =>
  open(flags).then(
    () => "",
    (error: Error) => error.message,
  );

describe("the kubelet's endpoint on a socket", () => {
  it("is not there without a certificate", async () => {
    const { serve, rotate } = await open({});
    expect(serve).to.equal(undefined);
    await rotate(new AbortController().signal);
  });

  it("wants its flags to go together", async () => {
    const both = { tlsCertFile: "/a", tlsPrivateKeyFile: "/b" };
    expect(await problem({ tlsCertFile: "/a" })).to.equal("--tls-cert-file and --tls-private-key-file go together");
    expect(await problem({ ...both, isRotating: true })).to.contain("choose one");
    expect(await problem(both)).to.equal("there is no /a");
    expect(await problem({ isRotating: true, clientCaFile: "/ca" })).to.equal("there is no /ca");
  });
});
