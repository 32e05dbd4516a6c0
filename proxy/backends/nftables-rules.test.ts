import { expect } from "chai";
import fc from "fast-check";
import type { ServiceEntry } from "../service-table.ts";
import { emptyRuleset, renderChanges } from "../nft/changes.ts";
import { buildRuleset } from "./nftables-rules.ts";

const target = (last: number) => ({ ip: `10.0.0.${last}`, port: 8080 });

function entry(parts: Partial<ServiceEntry> = {}): ServiceEntry {
  const endpoints = parts.endpoints ?? [target(2), target(3)];
  return {
    id: "default/web:",
    service: { namespace: "default", name: "web" },
    protocol: "TCP",
    port: 80,
    addresses: ["10.96.0.10"],
    externalAddresses: [],
    endpoints,
    externalEndpoints: endpoints,
    keepsClientAddress: false,
    ...parts,
  };
}

const ruleset = (...entries: ServiceEntry[]) => buildRuleset({ entries }, {});
const allRules = (...entries: ServiceEntry[]) => [...ruleset(...entries).chains.values()].flat();

describe("nftables rules", () => {
  it("pick one of the endpoints at random with a single rule", () => {
    expect(allRules(entry())).to.deep.equal([
      "meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.0.0.2 . 8080, 1 : 10.0.0.3 . 8080 }",
    ]);
  });

  it("find the service by address, protocol and port, and know every hairpin", () => {
    const [name] = ruleset(entry()).chains.keys();
    expect([...ruleset(entry()).elements]).to.deep.equal([
      ["service-addresses 10.96.0.10 . tcp . 80", `goto ${name}`],
      ["hairpins 10.0.0.2 . 10.0.0.2", ""],
      ["hairpins 10.0.0.3 . 10.0.0.3", ""],
    ]);
  });

  it("refuse clients of a service that nobody answers for", () => {
    const nobody = ruleset(entry({ endpoints: [], externalEndpoints: [], nodePort: 30080 }));
    expect([...nobody.chains]).to.deep.equal([]);
    expect([...nobody.elements.keys()]).to.deep.equal([
      "refused-addresses 10.96.0.10 . tcp . 80",
      "refused-node-ports tcp . 30080",
    ]);
  });

  it("mark what comes in from outside, unless its address is to be kept", () => {
    const marks = (parts: Partial<ServiceEntry>) =>
      allRules(entry({ nodePort: 30080, ...parts })).filter((rule) => rule.includes("mark set"));
    expect(marks({})).to.have.lengthOf(1);
    expect(marks({ keepsClientAddress: true })).to.have.lengthOf(0);
  });

  it("mark clients outside the cluster's range where it is known", () => {
    const [rules] = buildRuleset({ entries: [entry()] }, { clusterRange: "10.0.0.0/16" }).chains.values();
    expect(rules?.[0]).to.equal("ip saddr != 10.0.0.0/16 meta mark set meta mark or 0x4000");
  });

  it("remember a client's endpoint, and deal new clients evenly", () => {
    const rules = allRules(entry({ affinitySeconds: 60, endpoints: [target(2), target(3), target(4)] }));
    expect(rules.filter((rule) => /^ip saddr @aff-\w+ update/.test(rule))).to.have.lengthOf(3);
    expect(rules.slice(3).map((rule) => /mod (\d)/.exec(rule)?.[1])).to.deep.equal(["3", "2", undefined]);
  });
});

describe("changes of nftables rules", () => {
  const changes = (before: ServiceEntry[], after: ServiceEntry[]) =>
    renderChanges("gantry-t", before.length > 0 ? ruleset(...before) : emptyRuleset, ruleset(...after))
      .split("\n")
      .filter(Boolean);
  const commands = (lines: readonly string[]) => lines.map((line) => line.split(" ").slice(0, 2).join(" "));

  it("are none between equal tables", () => {
    expect(changes([entry()], [entry()])).to.deep.equal([]);
  });

  it("rewrite one chain and one hairpin when one endpoint comes", () => {
    const more = entry({ endpoints: [target(2), target(3), target(4)] });
    const others = Array.from({ length: 50 }, (_, index) =>
      entry({ id: `default/s${index}:`, addresses: [`10.96.1.${index}`] }),
    );
    expect(commands(changes([...others, entry()], [...others, more]))).to.deep.equal([
      "flush chain",
      "add rule",
      "add element",
    ]);
  });

  it("take a service out before its chain", () => {
    expect(commands(changes([entry()], []))).to.deep.equal([
      "delete element",
      "delete element",
      "flush chain",
      "delete chain",
    ]);
  });

  it("name nothing before it exists or after it is gone, whatever changes", () => {
    const arbitrary = fc.record({
      id: fc.constantFrom("default/a:", "default/b:", "default/c:"),
      protocol: fc.constantFrom("TCP" as const, "UDP" as const),
      port: fc.integer({ min: 1, max: 3 }),
      nodePort: fc.option(fc.integer({ min: 30000, max: 30002 }), { nil: undefined }),
      affinitySeconds: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      keepsClientAddress: fc.boolean(),
      endpoints: fc.uniqueArray(fc.integer({ min: 2, max: 6 }), { maxLength: 4 }).map((list) => list.map(target)),
    });
    const tables = fc.uniqueArray(
      arbitrary.map((parts) => entry(parts)),
      { selector: ({ id }) => id, maxLength: 3 },
    );
    fc.assert(
      fc.property(tables, tables, (before, after) => {
        const known = new Set([...ruleset(...before).chains.keys(), ...ruleset(...before).sets.keys()]);
        for (const line of changes(before, after)) {
          const [verb = "", type = "", , , name = ""] = line.split(" ");
          if (verb === "add" && (type === "chain" || type === "set")) known.add(name);
          const references = [...line.matchAll(/(?:goto |@)((?:svc|ext|in|aff)-\w+)/g)].map((match) => match[1] ?? "");
          // Taking an element out names its chain, which is still there.
          for (const reference of references) expect(known.has(reference), `${line} names ${reference}`).to.equal(true);
          if (verb === "delete" && (type === "chain" || type === "set")) known.delete(name);
        }
        expect([...known].sort()).to.deep.equal(
          [...ruleset(...after).chains.keys(), ...ruleset(...after).sets.keys()].sort(),
        );
      }),
    );
  });
});
