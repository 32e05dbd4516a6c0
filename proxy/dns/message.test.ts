import { expect } from "chai";
import fc from "fast-check";
import {
  CODES,
  datagramLimit,
  readQuery,
  readReply,
  STREAM_LIMIT,
  writeQuery,
  writeRefusal,
  writeReply,
  type Query,
  type Reply,
} from "./message.ts";

const question = { name: "web.default.svc.cluster.local", type: "A" } as const;
const query = (): Query => readQuery(writeQuery(7, question)) as Query;
const reply = (count: number): Reply => ({
  code: "NOERROR",
  answers: Array.from({ length: count }, (_, index) => ({
    type: "A",
    name: question.name,
    ttl: 30,
    data: `10.0.${index >> 8}.${index & 255}`,
  })),
  authorities: [],
  additionals: [],
  isAuthoritative: true,
});

/** A question without EDNS0, made by hand from RFC 1035. */
function plainQuery(flags = 0x0100, name = "a.b", kind = [0, 1, 0, 1]): Buffer {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.from([0, 9, flags >> 8, flags & 255, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, ...kind]);
}

describe("DNS messages", () => {
  it("reads a question, and what its asker takes", () => {
    expect(query()).to.deep.equal({ id: 7, question, wantsRecursion: true, payloadMax: 1232 });
    expect(readQuery(plainQuery())).to.deep.equal({
      id: 9,
      question: { name: "a.b", type: "A" },
      wantsRecursion: true,
      payloadMax: undefined,
    });
  });

  const bad: [string, Buffer, unknown][] = [
    ["too short for a header", Buffer.alloc(11), undefined],
    ["an answer", plainQuery(0x8100), undefined],
    ["another operation than a query", plainQuery(0x2800), { id: 9, code: "NOTIMP" }],
    ["no question at all", plainQuery().fill(0, 5, 6).subarray(0, 12), { id: 9, code: "FORMERR" }],
    ["a question that is cut off", plainQuery().subarray(0, 14), { id: 9, code: "FORMERR" }],
    [
      "a name that leads in a circle",
      Buffer.concat([plainQuery().subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]),
      { id: 9, code: "FORMERR" },
    ],
    [
      "another class than the internet's",
      plainQuery(0x0100, "a.b", [0, 1, 0, 3]),
      { id: 9, code: "REFUSED", question: { name: "a.b", type: "A" } },
    ],
  ];
  for (const [what, bytes, expected] of bad) {
    it(`does not take ${what}`, () => expect(readQuery(bytes)).to.deep.equal(expected));
  }

  it("never throws for whatever arrives", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const read = readQuery(Buffer.from(bytes));
        readReply(Buffer.from(bytes));
        if (read && "code" in read) writeRefusal(read);
      }),
    );
  });

  it("never throws for a query with bytes turned over, and can answer what it took", () => {
    const whole = writeQuery(7, question);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (place, value) => {
        const bytes = Buffer.from(whole);
        bytes[place] = value;
        const read = readQuery(bytes);
        if (read && !("code" in read)) expect(writeReply(read, reply(1), STREAM_LIMIT)).to.be.instanceOf(Buffer);
      }),
    );
  });

  it("writes an answer that says what was asked, and by whom it is meant", () => {
    const bytes = writeReply(query(), reply(2), STREAM_LIMIT);
    const read = readReply(bytes);
    expect(read).to.deep.include({ id: 7, question, code: "NOERROR", isTruncated: false });
    expect(read?.answers.map((each) => "data" in each && each.data)).to.deep.equal(["10.0.0.0", "10.0.0.1"]);
    // QR, AA, RD and RA.
    expect(bytes.readUInt16BE(2)).to.equal(0x8580);
  });

  it("fills a datagram with as many whole records as fit, and marks it", () => {
    for (const [asked, most] of [
      [query(), 1232],
      [{ ...query(), payloadMax: undefined }, 512],
    ] as const) {
      const bytes = writeReply(asked, reply(500), datagramLimit(asked));
      const read = readReply(bytes);
      expect(read?.isTruncated).to.equal(true);
      expect(read?.answers.length).to.be.greaterThan(5);
      expect(bytes.length).to.be.at.most(most);
    }
    expect(readReply(writeReply(query(), reply(500), STREAM_LIMIT))?.answers.length).to.equal(500);
  });

  it("leaves out what was only added before it marks anything", () => {
    const full = { ...reply(10), additionals: reply(60).answers };
    const read = readReply(writeReply(query(), full, 1232));
    expect(read).to.deep.include({ isTruncated: false, additionals: [] });
    expect(read?.answers.length).to.equal(10);
  });

  it("refuses with the code, and the question where it is known", () => {
    for (const code of ["FORMERR", "NOTIMP", "REFUSED"] as const) {
      const bytes = writeRefusal({ id: 3, code, question });
      expect(bytes.readUInt16BE(2)).to.equal(0x8000 | CODES[code]);
      expect(readReply(bytes)).to.deep.include({ id: 3, code, question });
    }
  });
});
