import { expect } from "chai";
import fc from "fast-check";
import { configMaps } from "../../api/core/config-map.ts";
import { pods } from "../../api/core/pod.ts";
import { services } from "../../api/core/service.ts";
import type { ObjectShape } from "../../api/schema/schema.ts";
import { decodeProtobuf, openEnvelope } from "./decode-protobuf.ts";
import { WireError } from "./wire-reader.ts";

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 0x80n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}
const integer = (number: number, value: number) => [...varint(BigInt(number << 3)), ...varint(BigInt(value))];
const message = (number: number, bytes: number[]) => [
  ...varint(BigInt((number << 3) | 2)),
  ...varint(BigInt(bytes.length)),
  ...bytes,
];
const text = (number: number, value: string) => message(number, [...Buffer.from(value)]);
const entry = (number: number, key: string, value: string) => message(number, [...text(1, key), ...text(2, value)]);

function decode(schema: ObjectShape, raw: number[]): Record<string, unknown> {
  const head = message(1, [...text(1, "v1"), ...text(2, "Thing")]);
  const bytes = Buffer.from([...Buffer.from("k8s\0"), ...head, ...message(2, raw)]);
  return decodeProtobuf(schema, openEnvelope(bytes)) as Record<string, unknown>;
}

describe("objects in protobuf", () => {
  it("become the JSON that they stand for", () => {
    const meta = [...text(1, "a"), ...text(3, "ns"), ...integer(7, 0), ...message(8, []), ...entry(11, "k", "v")];
    const raw = [...message(1, meta), ...entry(2, "x", "1"), ...entry(2, "y", "")];
    expect(decode(configMaps.schema, raw)).to.deep.equal({
      apiVersion: "v1",
      kind: "Thing",
      metadata: { name: "a", namespace: "ns", labels: { k: "v" } },
      data: { x: "1", y: "" },
    });
  });

  it("have times, quantities, numbers and flags in their own forms", () => {
    const requests = message(2, [...text(1, "cpu"), ...message(2, text(1, "100m"))]);
    const container = [...text(1, "c"), ...message(8, requests), ...integer(17, 0)];
    const spec = [...message(2, container), ...integer(4, 0), ...integer(30, 0)];
    const meta = message(8, integer(1, 1_767_225_600));
    expect(decode(pods.schema, [...message(1, meta), ...message(2, spec)])).to.deep.equal({
      apiVersion: "v1",
      kind: "Thing",
      metadata: { creationTimestamp: "2026-01-01T00:00:00Z" },
      spec: {
        containers: [{ name: "c", resources: { requests: { cpu: "100m" } } }],
        terminationGracePeriodSeconds: 0,
        enableServiceLinks: false,
      },
    });
  });

  it("have numbers or names for ports", () => {
    const port = (target: number[]) => message(1, [...integer(3, 80), ...message(4, target)]);
    const raw = message(2, [
      ...port([...integer(1, 0), ...integer(2, 8080)]),
      ...port([...integer(1, 1), ...text(3, "web")]),
    ]);
    expect(decode(services.schema, raw)).to.deep.include({
      spec: {
        ports: [
          { port: 80, targetPort: 8080 },
          { port: 80, targetPort: "web" },
        ],
      },
    });
  });

  it("are refused in order when they are broken, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeProtobuf(pods.schema, openEnvelope(Buffer.concat([Buffer.from("k8s\0"), bytes])));
          decode(pods.schema, [...bytes]);
        } catch (error) {
          expect(error).to.be.instanceOf(WireError);
        }
      }),
    );
  });
});
