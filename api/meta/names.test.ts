import { expect } from "chai";
import {
  configKeyProblems,
  envNameProblems,
  labelProblems,
  portNameProblems,
  serviceNameProblems,
  subdomainProblems,
  type Format,
} from "./names.ts";

const long = (length: number) => "a".repeat(length);

interface Rules {
  readonly format: Format;
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

const rules: Readonly<Record<string, Rules>> = {
  "an object's name": {
    format: subdomainProblems,
    good: ["a", "a-b.c-d", "0", long(253)],
    bad: ["", "A", "a_b", "a..b", "-a", "a.", "..", "%2e%2e", "a\u0000", "😀", "a/b", long(254), "a\n"],
  },
  "a namespace's name": {
    format: labelProblems,
    good: ["a", "1-2", long(63)],
    bad: ["", "a.b", "A", "-", long(64), "a\n"],
  },
  "a service's name": { format: serviceNameProblems, good: ["a1"], bad: ["1a", "a.b", "a-", long(64)] },
  "a config map's key": {
    format: configKeyProblems,
    good: ["a", "A_b.c-d", ".hidden", "...".slice(0, 1) + "x"],
    bad: ["", ".", "..", "..a", "a/b", "a b", long(254)],
  },
  "a variable's name": { format: envNameProblems, good: ["A", "a.b-c", "1 2"], bad: ["", "a=b", "ä", "a\tb"] },
  "a port's name": { format: portNameProblems, good: ["http", "a-1"], bad: ["80", "a--b", "-a", "A", long(16)] },
};

describe("the forms of names", () => {
  for (const [title, { format, good, bad }] of Object.entries(rules)) {
    it(`accept as ${title} what is allowed`, () => {
      expect(good.filter((value) => format(value).length > 0)).to.deep.equal([]);
    });
    it(`refuse as ${title} what is not`, () => {
      expect(bad.filter((value) => format(value).length === 0)).to.deep.equal([]);
    });
  }

  it("say what Kubernetes says", () => {
    expect(labelProblems("a.b")).to.deep.equal(["must not contain dots"]);
    expect(subdomainProblems("A")).to.deep.equal([
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ]);
  });
});
