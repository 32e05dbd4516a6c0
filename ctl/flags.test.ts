import { expect } from "chai";
import { duration, integer, list, onOff, onOffUnsaid, parseArguments, text, textOr, texts } from "./flags.ts";

const table = {
  output: text("", { short: "o" }),
  "dry-run": textOr("none", "", { bare: "unchanged" }),
  env: texts("", { short: "e" }),
  filename: list("", { short: "f" }),
  replicas: integer("", { short: "r" }),
  timeout: duration(""),
  all: onOff("", { short: "A" }),
  wait: onOff("", { default: true, short: "w" }),
  namespaced: onOffUnsaid(""),
};
const defaults = { "dry-run": "none", env: [], filename: [], all: false, wait: true };

describe("the reader of flags", () => {
  const cases: readonly (readonly [line: string, flags: object, args: readonly string[]])[] = [
    ["a b", {}, ["a", "b"]],
    ["a -o yaml b", { output: "yaml" }, ["a", "b"]],
    ["-oyaml", { output: "yaml" }, []],
    ["-o=yaml", { output: "yaml" }, []],
    ["-o=a=b", { output: "a=b" }, []],
    ["--output=a=b", { output: "a=b" }, []],
    ["--output yaml", { output: "yaml" }, []],
    ["-o json -o yaml", { output: "yaml" }, []],
    ["-Awo name", { all: true, output: "name" }, []],
    ["-A x", { all: true }, ["x"]],
    ["--wait=false x", { wait: false }, ["x"]],
    ["-w=false", { wait: false }, []],
    ["--all=true", { all: true }, []],
    ["--namespaced=false", { namespaced: false }, []],
    ["--dry-run x", { "dry-run": "unchanged" }, ["x"]],
    ["--dry-run=server x", { "dry-run": "server" }, ["x"]],
    ["-e a=1,2 -e b=3", { env: ["a=1,2", "b=3"] }, []],
    ["-f a,b -f c", { filename: ["a", "b", "c"] }, []],
    ["-f -", { filename: ["-"] }, []],
    ["- x", {}, ["-", "x"]],
    ["-r -1", { replicas: -1 }, []],
    ["--timeout 1m30s", { timeout: 90_000 }, []],
    ["--timeout=30", { timeout: 30_000 }, []],
    ["--timeout=-1s", { timeout: -1000 }, []],
  ];
  for (const [line, flags, args] of cases) {
    it(`reads ${line}`, () => {
      const parsed = parseArguments(table, line.split(" "));
      const given = Object.fromEntries(Object.entries(parsed.flags).filter(([, value]) => value !== undefined));
      expect(given).to.deep.equal({ ...defaults, ...flags });
      expect(parsed.args).to.deep.equal(args);
      expect(parsed.rest).to.equal(undefined);
    });
  }

  it("leaves what follows -- alone", () => {
    const parsed = parseArguments(table, ["pod", "--", "ls", "-la", "--", "x"]);
    expect(parsed).to.deep.include({ args: ["pod"], rest: ["ls", "-la", "--", "x"] });
  });

  const refused: readonly (readonly [line: string, message: string])[] = [
    ["--colour", "unknown flag: --colour"],
    ["-x", "unknown shorthand flag: 'x' in -x"],
    ["--output", "flag needs an argument: --output"],
    ["-o", "flag needs an argument: 'o' in -o"],
    ["-r many", 'invalid argument "many" for "--replicas" flag: it must be a whole number'],
    ["--timeout=soon", 'invalid argument "soon" for "--timeout" flag: it must be a duration such as 90s, 5m or 1h30m'],
    ["--wait=maybe", 'invalid argument "maybe" for "--wait" flag: it must be true or false'],
    ["--toString", "unknown flag: --toString"],
  ];
  for (const [line, message] of refused) {
    it(`refuses ${line}`, () => {
      expect(() => parseArguments(table, line.split(" "))).to.throw(message);
    });
  }
});
