import { expect } from "chai";
import { renderExplanation, UnknownFieldError } from "./explain.ts";
import * as s from "./schema.ts";

const port = s.object("io.k8s.api.test.v1.Port", "One port.", {
  port: s.required(1, s.intOrString(), "Its number or name."),
  protocol: s.optional(
    2,
    s.oneOf("UDP", "TCP", "SCTP", "", "QUIC"),
    "Which of the protocols is spoken at the port; TCP is, unless this says otherwise.",
  ),
});
const spec: s.ObjectSchema = s.object("io.k8s.api.test.v1.ThingSpec", "What the thing is to be.", {
  ports: s.optional(1, s.list(port), "The ports."),
  limits: s.optional(2, s.map(s.quantity()), "The limits."),
  nested: s.optional(
    3,
    s.lazy((): s.Schema => spec),
    "",
  ),
});
const thing = s.object("io.k8s.api.test.v1.Thing", "A thing.", { spec: s.present(1, spec, "What is wanted.") });
const explain = (path: string, recursive = false) =>
  renderExplanation({
    group: "test.io",
    version: "v1",
    kind: "Thing",
    schema: thing,
    path: path.split(".").filter(Boolean),
    recursive,
  });

// The texts are what kubectl 1.32 prints for the same types.
describe("kctl explain", () => {
  it("explains a kind", () => {
    expect(explain("")).to.equal(
      `GROUP:      test.io
KIND:       Thing
VERSION:    v1

DESCRIPTION:
    A thing.
    
FIELDS:
  spec\t<ThingSpec>
    What is wanted.


`,
    );
  });

  it("explains a field with its type's fields, through lists", () => {
    expect(explain("spec.ports")).to.equal(
      `GROUP:      test.io
KIND:       Thing
VERSION:    v1

FIELD: ports <[]Port>


DESCRIPTION:
    The ports.
    One port.
    
FIELDS:
  port\t<IntOrString> -required-
    Its number or name.

  protocol\t<string>
  enum: "", QUIC, SCTP, TCP, ....
    Which of the protocols is spoken at the port; TCP is, unless this says
    otherwise.


`,
    );
  });

  it("explains a field without fields, with all its values", () => {
    expect(explain("spec.ports.protocol")).to.equal(
      `GROUP:      test.io
KIND:       Thing
VERSION:    v1

FIELD: protocol <string>
ENUM:
    ""
    QUIC
    SCTP
    TCP
    UDP

DESCRIPTION:
    Which of the protocols is spoken at the port; TCP is, unless this says
    otherwise.
    

`,
    );
  });

  it("lists the fields of fields, a type within itself once", () => {
    expect(explain("", true).split("FIELDS:\n")[1]).to.equal(
      `  spec\t<ThingSpec>
    limits\t<map[string]Quantity>
    nested\t<ThingSpec>
    ports\t<[]Port>
      port\t<IntOrString> -required-
      protocol\t<string>
      enum: "", QUIC, SCTP, TCP, ....

`,
    );
  });

  it("knows the core group without a name", () => {
    const text = renderExplanation({ group: "", version: "v1", kind: "Thing", schema: thing });
    expect(text.startsWith("KIND:       Thing\nVERSION:    v1\n\nDESCRIPTION:\n")).to.equal(true);
  });

  it("says which fields there would be", () => {
    expect(() => explain("spec.ports.prot"))
      .to.throw(UnknownFieldError, 'field "prot" does not exist')
      .that.deep.includes({ field: "prot", known: ["port", "protocol"] });
    expect(() => explain("spec.limits.cpu")).to.throw(UnknownFieldError);
    expect(() => explain("constructor")).to.throw(UnknownFieldError);
  });
});
