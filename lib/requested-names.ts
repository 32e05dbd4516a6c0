// The names in a certificate request: its subject, and the alternative names that it asks for. Read as Go reads them, which is
// how Kubernetes' signers do: what they pass over is passed over here.

import { isIP } from "node:net";
import { OBJECT_IDENTIFIER, OCTET_STRING, partsOfDer, readDer, SEQUENCE, SET, type DerValue } from "./der.ts";

/** The parts of a subject in the order in which they stand in a certificate. */
const SUBJECT_FIELDS = {
  country: { identifier: "2.5.4.6", hex: "550406" },
  organization: { identifier: "2.5.4.10", hex: "55040a" },
  organizationalUnit: { identifier: "2.5.4.11", hex: "55040b" },
  locality: { identifier: "2.5.4.7", hex: "550407" },
  province: { identifier: "2.5.4.8", hex: "550408" },
  streetAddress: { identifier: "2.5.4.9", hex: "550409" },
  postalCode: { identifier: "2.5.4.17", hex: "550411" },
  commonName: { identifier: "2.5.4.3", hex: "550403" },
  serialNumber: { identifier: "2.5.4.5", hex: "550405" },
} as const;

export type SubjectField = keyof typeof SUBJECT_FIELDS;
export type Subject = Readonly<Partial<Record<SubjectField, readonly string[]>>>;

/** Of these a subject has one at most: the last that is given. */
const SINGLE: ReadonlySet<string> = new Set<SubjectField>(["commonName", "serialNumber"]);

export interface AlternativeNames {
  readonly dns: readonly string[];
  readonly emails: readonly string[];
  readonly addresses: readonly string[];
  readonly uris: readonly string[];
}

/** What a subject says, with the dotted identifier of each field. */
export const subjectEntries = (subject: Subject): readonly { identifier: string; value: string }[] =>
  (Object.keys(SUBJECT_FIELDS) as SubjectField[]).flatMap((field) =>
    (subject[field] ?? []).map((value) => ({ identifier: SUBJECT_FIELDS[field].identifier, value })),
  );

/** Undefined where the value is no name. */
export function readSubject(name: DerValue): Subject | undefined {
  const attributes = attributesOf(name);
  if (!attributes) return undefined;
  const subject: Partial<Record<SubjectField, readonly string[]>> = {};
  for (const attribute of attributes) {
    const [type, value] = partsOfDer(attribute, [OBJECT_IDENTIFIER]);
    if (!type || !value) return undefined;
    const text = readText(value);
    const field = fieldOf(type);
    if (text === undefined || field === undefined) continue;
    subject[field] = SINGLE.has(field) ? [text] : [...(subject[field] ?? []), text];
  }
  return subject;
}

/** A name is a list of sets of attributes. */
function attributesOf({ tag, body }: DerValue): readonly DerValue[] | undefined {
  const sets = tag === SEQUENCE ? readDer(body) : undefined;
  const read = sets?.map((set) => (set.tag === SET ? readDer(set.body) : undefined));
  return read?.every((each) => each !== undefined) ? read.flat() : undefined;
}

function fieldOf({ body }: DerValue): SubjectField | undefined {
  const wanted = body.toString("hex");
  return (Object.keys(SUBJECT_FIELDS) as SubjectField[]).find((field) => SUBJECT_FIELDS[field].hex === wanted);
}

const UTF8_STRING = 0x0c;
const NUMERIC_STRING = 0x12;
const PRINTABLE_STRING = 0x13;
const T61_STRING = 0x14;
const IA5_STRING = 0x16;
const BMP_STRING = 0x1e;

function readText({ tag, body }: DerValue): string | undefined {
  switch (tag) {
    case UTF8_STRING:
      return body.toString("utf8");
    case NUMERIC_STRING:
    case PRINTABLE_STRING:
    case T61_STRING:
    case IA5_STRING:
      return body.toString("latin1");
    case BMP_STRING:
      return body.length % 2 === 0 ? Buffer.from(body).swap16().toString("utf16le") : undefined;
    default:
      return undefined;
  }
}

const NO_NAMES: AlternativeNames = { dns: [], emails: [], addresses: [], uris: [] };
const ATTRIBUTES = 0xa0;
const EXTENSION_REQUEST = "2a864886f70d01090e";
const ALTERNATIVE_NAMES = "551d11";

/** The alternative names among the attributes of a request, which are its fourth value; undefined where they are malformed. */
export function readAlternativeNames(attributes: DerValue | undefined): AlternativeNames | undefined {
  if (!attributes || attributes.tag !== ATTRIBUTES) return NO_NAMES;
  const each = readDer(attributes.body);
  if (!each) return undefined;
  const extensions = each.flatMap((attribute) => {
    const [type, values] = partsOfDer(attribute, [OBJECT_IDENTIFIER, SET]);
    if (type?.body.toString("hex") !== EXTENSION_REQUEST || !values) return [];
    return partsOfDer(values, [SEQUENCE], SET).flatMap((list) => partsOfDer(list, []));
  });
  const found = extensions.flatMap((extension) => {
    const parts = partsOfDer(extension, [OBJECT_IDENTIFIER]);
    return parts[0]?.body.toString("hex") === ALTERNATIVE_NAMES ? [parts.at(-1)] : [];
  });
  if (found.length === 0) return NO_NAMES;
  const [value] = found;
  return found.length === 1 && value?.tag === OCTET_STRING ? readNames(value.body) : undefined;
}

const EMAIL = 0x81;
const DNS = 0x82;
const URI = 0x86;
const ADDRESS = 0x87;

function readNames(der: Buffer): AlternativeNames | undefined {
  const [outer, ...rest] = readDer(der) ?? [];
  const values = outer?.tag === SEQUENCE && rest.length === 0 ? readDer(outer.body) : undefined;
  if (!values) return undefined;
  const texts = (tag: number) => values.filter((each) => each.tag === tag).map(({ body }) => body);
  const [dns, emails, uris] = [DNS, EMAIL, URI].map((tag) => texts(tag).map((body) => body.toString("latin1")));
  const addresses = texts(ADDRESS).map(readAddress);
  if (!dns || !emails || !uris || ![dns, emails, uris].flat().every(isAscii)) return undefined;
  if (!addresses.every((address) => address !== undefined) || !uris.every((uri) => URL.canParse(uri))) return undefined;
  return { dns, emails, addresses, uris };
}

const isAscii = (text: string) => /^[\x01-\x7f]*$/.test(text);

function readAddress(body: Buffer): string | undefined {
  if (body.length === 4) return [...body].join(".");
  if (body.length !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) => body.readUInt16BE(index * 2).toString(16));
  const text = new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
  return isIP(text) === 6 ? text : undefined;
}
