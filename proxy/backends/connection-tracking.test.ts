import { expect } from "chai";
import type { Exec, ExecResult } from "../../lib/exec.ts";
import { silentLog, type Log } from "../../lib/log.ts";
import { newEntry } from "../../testing/proxy-conformance.ts";
import { ConnectionTracking } from "./connection-tracking.ts";

const signal = new AbortController().signal;
const target = (ip: string) => ({ ip, port: 53 });
const udp = (...ips: string[]) => ({
  entries: [newEntry(ips.map(target), { protocol: "UDP", port: 53, addresses: ["10.96.0.10"] })],
});

/** Answers every call the same way, and remembers the calls. */
function execOf(answer: Partial<ExecResult> | Error) {
  const calls: string[] = [];
  const exec: Exec = {
    run(command, args) {
      calls.push([command, ...args].join(" "));
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve({ code: 0, stdout: "", stderr: "", pid: 1, ...answer });
    },
    lines: () => {
      throw new Error("nothing is followed");
    },
  };
  return { exec, calls };
}

function warnings(): { readonly log: Log; readonly told: string[] } {
  const told: string[] = [];
  return { told, log: { ...silentLog, warn: (message) => void told.push(message) } };
}

describe("the kernel's memory of UDP flows", () => {
  it("is cleared of an endpoint that leaves, and of nothing else", async () => {
    const { exec, calls } = execOf({});
    const tracking = new ConnectionTracking(exec, silentLog);
    await tracking.forgetRemoved(udp("10.0.0.1", "10.0.0.2"), signal);
    expect(calls).to.deep.equal([]);
    await tracking.forgetRemoved(udp("10.0.0.2"), signal);
    expect(calls).to.deep.equal(["conntrack -D -p udp --orig-dst 10.96.0.10 --dport 53 --dst-nat 10.0.0.1"]);
    await tracking.forgetRemoved(udp("10.0.0.2"), signal);
    expect(calls).to.have.length(1);
  });

  it("is cleared of flows that came in by node ports and external addresses, too", async () => {
    const { exec, calls } = execOf({});
    const tracking = new ConnectionTracking(exec, silentLog);
    const more = { nodePort: 30053, externalAddresses: ["192.0.2.1"] };
    await tracking.forgetRemoved({ entries: udp("10.0.0.1").entries.map((each) => ({ ...each, ...more })) }, signal);
    await tracking.forgetRemoved({ entries: [] }, signal);
    expect(calls.slice(1)).to.deep.equal([
      "conntrack -D -p udp --orig-dst 192.0.2.1 --dport 53 --dst-nat 10.0.0.1",
      "conntrack -D -p udp --dport 30053 --dst-nat 10.0.0.1",
    ]);
  });

  it("does not matter for TCP, whose connections live on", async () => {
    const { exec, calls } = execOf({});
    const tracking = new ConnectionTracking(exec, silentLog);
    await tracking.forgetRemoved({ entries: [newEntry([target("10.0.0.1")])] }, signal);
    await tracking.forgetRemoved({ entries: [newEntry([])] }, signal);
    expect(calls).to.deep.equal([]);
  });

  it("had nothing to clear when the program exits with 1; anything else is told", async () => {
    for (const [code, count] of [
      [1, 0],
      [2, 1],
    ] as const) {
      const { log, told } = warnings();
      const tracking = new ConnectionTracking(execOf({ code }).exec, log);
      await tracking.forgetRemoved(udp("10.0.0.1"), signal);
      await tracking.forgetRemoved(udp(), signal);
      expect(told).to.have.length(count);
    }
  });

  it("is left alone, and that is told once, where the program is missing", async () => {
    const { log, told } = warnings();
    const { exec, calls } = execOf(new Error("spawn conntrack ENOENT"));
    const tracking = new ConnectionTracking(exec, log);
    await tracking.forgetRemoved(udp("10.0.0.1", "10.0.0.2"), signal);
    await tracking.forgetRemoved(udp(), signal);
    expect(calls).to.have.length(1);
    expect(told).to.have.length(1);
  });
});
