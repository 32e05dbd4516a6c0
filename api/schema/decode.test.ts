import { expect } from "chai";
import { deployments } from "../apps/deployment.ts";
import { StatusError } from "../meta/status.ts";
import { decodeObject } from "./decode.ts";

const value = { metadata: { name: "web" }, spec: { paused: true, unknown1: 1 } };
const duplicates = ["spec.paused"];
const decode = (fieldValidation: "Ignore" | "Warn" | "Strict") =>
  decodeObject(deployments.schema, value, { fieldValidation, duplicates });

describe("decoding an object", () => {
  const object = { metadata: { name: "web" }, spec: { paused: true } };

  it("drops unknown fields silently", () => {
    expect(decode("Ignore")).to.deep.equal({ object, warnings: [] });
  });

  it("warns about unknown and duplicate fields", () => {
    const warnings = ['duplicate field "spec.paused"', 'unknown field "spec.unknown1"'];
    expect(decode("Warn")).to.deep.equal({ object, warnings });
  });

  it("refuses them if told to be strict", () => {
    expect(() => decode("Strict"))
      .to.throw(
        StatusError,
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: duplicate field "spec.paused", unknown field "spec.unknown1"',
      )
      .that.includes({ code: 400, reason: "BadRequest" });
  });

  it("refuses wrong types in any case", () => {
    const wrong = { spec: { replicas: "3" } };
    expect(() => decodeObject(deployments.schema, wrong, { fieldValidation: "Ignore" }))
      .to.throw(
        StatusError,
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
      )
      .that.includes({ code: 400, reason: "BadRequest" });
  });
});
