import { expect } from "chai";
import { StatusError } from "../../api/meta/status.ts";
import { readListOptions } from "./list-options.ts";

describe("the options of list and watch", () => {
  const refusalOf = (query: string): string | undefined => {
    try {
      readListOptions(new URLSearchParams(query));
      return undefined;
    } catch (error) {
      if (error instanceof StatusError) return `${error.code} ${error.message}`;
      throw error;
    }
  };

  const accepted: readonly string[] = [
    "",
    "limit=0",
    "limit=-1",
    "limit=5&continue=x",
    "resourceVersion=0",
    "resourceVersion=5&limit=2",
    "resourceVersion=0&resourceVersionMatch=NotOlderThan",
    "resourceVersion=5&resourceVersionMatch=Exact",
    "continue=x&resourceVersion=0",
    "watch=true",
    "watch=1&limit=3",
    "watch&resourceVersion=0",
    "watch=true&allowWatchBookmarks=true",
    "watch=true&timeoutSeconds=10",
    "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
    "watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=0",
  ];
  for (const query of accepted) {
    it(`may be ${query || "left out"}`, () => {
      expect(refusalOf(query)).to.equal(undefined);
    });
  }

  const invalid = (detail: string) => `422 ListOptions.meta.k8s.io "" is invalid: ${detail}`;
  const match = (detail: string) => `resourceVersionMatch: ${detail}`;
  const refused: readonly [query: string, refusal: string][] = [
    [
      "resourceVersionMatch=Exact",
      invalid(match("Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")),
    ],
    [
      "resourceVersionMatch=NotOlderThan&continue=x&resourceVersion=5",
      invalid(match("Forbidden: resourceVersionMatch is forbidden when continue is provided")),
    ],
    [
      "resourceVersionMatch=foo&resourceVersion=0",
      invalid(match('Unsupported value: "foo": supported values: "Exact", "NotOlderThan", ""')),
    ],
    [
      "resourceVersionMatch=Exact&resourceVersion=0",
      invalid(match('Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"')),
    ],
    ["sendInitialEvents=false", invalid("sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")],
    [
      "watch=true&resourceVersionMatch=NotOlderThan",
      invalid(match("Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")),
    ],
    [
      "watch=true&sendInitialEvents=true",
      invalid(match("Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")),
    ],
    [
      "watch=true&sendInitialEvents=true&resourceVersionMatch=Exact",
      invalid(
        `[${match("Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")}, ${match('Unsupported value: "Exact": supported values: "NotOlderThan"')}]`,
      ),
    ],
    [
      "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x",
      invalid(match("Forbidden: resourceVersionMatch is forbidden when continue is provided")),
    ],
    [
      "resourceVersion=x",
      '400 invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [
      "resourceVersion=99999999999999999999999",
      '400 invalid resource version: resourceVersion: Invalid value: "99999999999999999999999": strconv.ParseUint: parsing "99999999999999999999999": value out of range',
    ],
    ["limit=many", '400 strconv.ParseInt: parsing "many": invalid syntax'],
    ["watch=true&timeoutSeconds=1.5", '400 strconv.ParseInt: parsing "1.5": invalid syntax'],
  ];
  for (const [query, refusal] of refused) {
    it(`may not be ${query}`, () => {
      expect(refusalOf(query)).to.equal(refusal);
    });
  }

  it("read a flag as Kubernetes does: anything but false and 0 is true", () => {
    const isWatch = (query: string) => readListOptions(new URLSearchParams(query)).isWatch;
    expect(["watch", "watch=", "watch=TRUE", "watch=yes"].map(isWatch)).to.deep.equal([true, true, true, true]);
    expect(["", "watch=0", "watch=false", "watch=False"].map(isWatch)).to.deep.equal([false, false, false, false]);
  });
});
