import { expect } from "chai";
import { readDer } from "./der.ts";
import { readAlternativeNames, readSubject, subjectEntries } from "./requested-names.ts";

/** One value in DER. */
const value = (tag: number, ...parts: readonly Buffer[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(body.length < 128 ? [tag, body.length] : [tag, 0x81, body.length]), body]);
};
const hex = (text: string) => Buffer.from(text, "hex");
const parse = (der: Buffer) => {
  const [read] = readDer(der) ?? [];
  if (!read) throw new Error("the test's own DER is wrong");
  return read;
};

describe("the subject of a request", () => {
  const name = (...attributes: readonly (readonly [type: string, tag: number, body: Buffer])[]) =>
    parse(
      value(
        0x30,
        ...attributes.map(([type, tag, body]) => value(0x31, value(0x30, value(0x06, hex(type)), value(tag, body)))),
      ),
    );
  const COMMON_NAME = "550403";
  const ORGANIZATION = "55040a";

  it("is read in every form of text", () => {
    const forms: readonly [number, Buffer, string][] = [
      [0x0c, Buffer.from("Zoë"), "Zoë"],
      [0x13, Buffer.from("jane"), "jane"],
      [0x16, Buffer.from("jane"), "jane"],
      [0x14, Buffer.from("Zoë", "latin1"), "Zoë"],
      [0x1e, Buffer.from("Zoë", "utf16le").swap16(), "Zoë"],
    ];
    for (const [tag, body, expected] of forms) {
      expect(readSubject(name([COMMON_NAME, tag, body]))).to.deep.equal({ commonName: [expected] });
    }
  });

  it("is known by the last of its names, and by all of its groups", () => {
    const text = (body: string) => [0x0c, Buffer.from(body)] as const;
    const read = readSubject(
      name(
        [COMMON_NAME, ...text("a")],
        [ORGANIZATION, ...text("x")],
        [COMMON_NAME, ...text("b")],
        [ORGANIZATION, ...text("y")],
      ),
    );
    expect(read).to.deep.equal({ commonName: ["b"], organization: ["x", "y"] });
    expect(subjectEntries(read ?? {})).to.deep.equal([
      { identifier: "2.5.4.10", value: "x" },
      { identifier: "2.5.4.10", value: "y" },
      { identifier: "2.5.4.3", value: "b" },
    ]);
  });

  it("passes over what is no text, and what it does not know", () => {
    expect(readSubject(name([COMMON_NAME, 0x02, hex("05")], ["2a03", 0x0c, Buffer.from("x")]))).to.deep.equal({});
    expect(readSubject(name([COMMON_NAME, 0x1e, hex("00")]))).to.deep.equal({});
  });

  it("is none where its parts are not where they belong", () => {
    for (const wrong of ["0500", "30020500", "30043102300a", "3006310430020500"]) {
      expect(readSubject(parse(hex(wrong))), wrong).to.equal(undefined);
    }
  });
});

describe("the alternative names of a request", () => {
  const extension = (...names: readonly Buffer[]) =>
    value(0x30, value(0x06, hex("551d11")), value(0x04, value(0x30, ...names)));
  const attributes = (...extensions: readonly Buffer[]) =>
    parse(value(0xa0, value(0x30, value(0x06, hex("2a864886f70d01090e")), value(0x31, value(0x30, ...extensions)))));
  const none = { dns: [], emails: [], addresses: [], uris: [] };
  const dns = (name: string) => value(0x82, Buffer.from(name, "latin1"));

  it("are none unless it asks for some", () => {
    expect(readAlternativeNames(undefined)).to.deep.equal(none);
    expect(readAlternativeNames(parse(hex("a000")))).to.deep.equal(none);
    expect(readAlternativeNames(attributes())).to.deep.equal(none);
  });

  it("are names, addresses, links and mails; others are passed over", () => {
    const other = value(0x88, hex("2a03"));
    const address = value(0x87, hex("20010db8000000000000000000000001"));
    expect(readAlternativeNames(attributes(extension(dns("a"), other, address)))).to.deep.equal({
      ...none,
      dns: ["a"],
      addresses: ["2001:db8::1"],
    });
  });

  const WRONG: readonly [string, readonly Buffer[]][] = [
    ["given twice", [extension(dns("a")), extension(dns("b"))]],
    ["with letters that names have not", [extension(dns("ë"))]],
    ["with an end within a name", [extension(dns("a\0b"))]],
    ["with an address of five bytes", [extension(value(0x87, hex("0102030405")))]],
    ["with a link that is none", [extension(value(0x86, Buffer.from("no link")))]],
    ["that are no list", [value(0x30, value(0x06, hex("551d11")), value(0x04, hex("0500")))]],
    ["without a value", [value(0x30, value(0x06, hex("551d11")))]],
  ];
  for (const [title, extensions] of WRONG) {
    it(`are refused ${title}`, () => expect(readAlternativeNames(attributes(...extensions))).to.equal(undefined));
  }
});
