import { expect } from "chai";
import { configMaps, type ConfigMap } from "./config-map.ts";
import { secrets, type Secret } from "./secret.ts";
import { validateConfigMap, validateSecret } from "./validate-key-value.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { FieldError } from "../schema/field-error.ts";

const configMapOf = (fields: object): ConfigMap => storedObject(configMaps, { ...fields });
const secretOf = (fields: object): Secret => storedObject(secrets, { ...fields });
const texts = (errors: readonly FieldError[]) => errors.map(({ path, message }) => `${path}: ${message}`);
const base64 = (text: string) => Buffer.from(text).toString("base64");
const MIB = 1024 * 1024;
const IMMUTABLE = "Forbidden: field is immutable when `immutable` is set";

describe("the validation of a config map", () => {
  it("allows a mebibyte and not a byte more, counted as bytes", () => {
    expect(texts(validateConfigMap(configMapOf({ data: { a: "x".repeat(MIB) } })))).to.deep.equal([]);
    const expected = ["[]: Too long: may not be more than 1048576 bytes"];
    expect(texts(validateConfigMap(configMapOf({ data: { a: "x".repeat(MIB + 1) } })))).to.deep.equal(expected);
    expect(texts(validateConfigMap(configMapOf({ data: { a: "ä".repeat(MIB / 2 + 1) } })))).to.deep.equal(expected);
    const binaryData = { a: Buffer.alloc(MIB).toString("base64") };
    expect(texts(validateConfigMap(configMapOf({ binaryData })))).to.deep.equal([]);
  });

  it("refuses keys that are no file names, and keys in both halves", () => {
    const map = configMapOf({ data: { "..": "", a: "" }, binaryData: { a: "" } });
    expect(texts(validateConfigMap(map))).to.deep.equal([
      `data[..]: Invalid value: "..": must not be '..'`,
      `data[a]: Invalid value: "a": duplicate of key present in binaryData`,
    ]);
  });

  it("refuses changes of an immutable one", () => {
    const old = configMapOf({ immutable: true, data: { a: "1" } });
    expect(texts(validateConfigMap(configMapOf({ data: { a: "2" } }), old))).to.deep.equal([
      `immutable: ${IMMUTABLE}`,
      `data: ${IMMUTABLE}`,
    ]);
    expect(texts(validateConfigMap(old, old))).to.deep.equal([]);
  });
});

describe("the validation of a secret", () => {
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ["kubernetes.io/tls", {}, ["data[tls.crt]: Required value", "data[tls.key]: Required value"]],
    ["kubernetes.io/basic-auth", {}, ["data[username]: Required value", "data[password]: Required value"]],
    ["kubernetes.io/basic-auth", { username: base64("u") }, []],
    ["kubernetes.io/ssh-auth", {}, ["data[ssh-privatekey]: Required value"]],
    ["kubernetes.io/dockercfg", {}, ["data[.dockercfg]: Required value"]],
    [
      "kubernetes.io/dockerconfigjson",
      { ".dockerconfigjson": base64("canary") },
      ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": must be JSON'],
    ],
    [
      "kubernetes.io/service-account-token",
      {},
      ["metadata.annotations[kubernetes.io/service-account.name]: Required value"],
    ],
    ["anything.else/at-all", {}, []],
  ];
  for (const [type, data, expected] of cases) {
    it(`of type ${type} with ${Object.keys(data).join(", ") || "no keys"} finds ${expected.length} errors`, () => {
      expect(texts(validateSecret(secretOf({ type, data })))).to.deep.equal(expected);
    });
  }

  it("keeps the type", () => {
    const errors = validateSecret(secretOf({ type: "a" }), secretOf({ type: "b" }));
    expect(texts(errors)).to.deep.equal(['type: Invalid value: "a": field is immutable']);
  });

  it("takes plain text for encoded data", () => {
    const secret = secretOf({ data: { a: base64("old"), b: base64("b") }, stringData: { a: "nüw" } });
    expect(secret.data).to.deep.equal({ a: base64("nüw"), b: base64("b") });
    expect(secret).to.include({ type: "Opaque" }).and.not.have.property("stringData");
  });
});
