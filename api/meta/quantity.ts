// Resource quantities, such as `100m`, `1.5Gi` and `2e3`: parsing, exact arithmetic and the canonical text form, as
// Kubernetes' resource.Quantity has them. Amounts are whole billionths in a bigint, so nothing is ever rounded silently.

/** The family of suffixes a quantity was written in; its canonical text keeps to it. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

export interface Quantity {
  /** The amount in billionths of a unit. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

const NANOS_PER_MILLI = 10n ** 6n;
const NANOS_PER_UNIT = 10n ** 9n;
const UNITS_MAX = 2n ** 63n - 1n;
/** Beyond this many digits on either side of the point no quantity is valid, so no large power is ever computed. */
const EXPONENT_MAX = 40;
const TEXT_LENGTH_MAX = 128;

const PATTERN = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]+|[numkMGTPE]?)$/;
const GRAMMAR = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const DECIMAL_SUFFIXES = new Map(Object.entries(DECIMAL_EXPONENTS).map(([suffix, exponent]) => [exponent, suffix]));
const EXPONENT_OF_E = 18;
const BINARY_SUFFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** A text that is no quantity. The message has Kubernetes' words, followed by the text. */
export class QuantityError extends Error {
  constructor(reason: string, text: string) {
    super(`${reason}: ${JSON.stringify(text.slice(0, TEXT_LENGTH_MAX))}`);
    this.name = "QuantityError";
  }
}

/**
 * Reads a quantity. Parts below a billionth are rounded away from zero, as Kubernetes does: asking for something never
 * becomes asking for nothing. Throws QuantityError for other text, and for amounts above 2^63-1, which Kubernetes would cap.
 */
export function parseQuantity(text: string): Quantity {
  const match = text.length > TEXT_LENGTH_MAX ? null : PATTERN.exec(text);
  const [, sign, whole = "", fraction = "", suffix = ""] = match ?? [];
  if (!match || whole + fraction === "") throw new QuantityError(GRAMMAR, text);
  const { scale, exponent, format } = readSuffix(suffix);
  if (Math.abs(exponent) > EXPONENT_MAX) throw new QuantityError("the exponent of the quantity is out of range", text);
  const magnitude = shiftDecimal(BigInt(whole + fraction) * scale, exponent - fraction.length + 9);
  if (magnitude > UNITS_MAX * NANOS_PER_UNIT) {
    throw new QuantityError(`quantities must be no more than ${UNITS_MAX}`, text);
  }
  return { nanos: sign === "-" ? -magnitude : magnitude, format };
}

function readSuffix(suffix: string): { scale: bigint; exponent: number; format: QuantityFormat } {
  if (suffix.endsWith("i")) {
    return { scale: 1024n ** BigInt(BINARY_SUFFIXES.indexOf(suffix)), exponent: 0, format: "BinarySI" };
  }
  const exponent = DECIMAL_EXPONENTS[suffix];
  return exponent === undefined
    ? { scale: 1n, exponent: Number(suffix.slice(1)), format: "DecimalExponent" }
    : { scale: 1n, exponent, format: "DecimalSI" };
}

/** `value` times ten to the `exponent`, rounded up. */
function shiftDecimal(value: bigint, exponent: number): bigint {
  return exponent >= 0 ? value * 10n ** BigInt(exponent) : divideUp(value, 10n ** BigInt(-exponent));
}

/** Rounds away from zero. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (quotient * divisor === value) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** The canonical text: no fraction, the largest suffix of the quantity's family that stays exact, `0` for zero. */
export function renderQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return "0";
  if (format === "BinarySI" && isBinary(nanos)) return renderBinary(nanos / NANOS_PER_UNIT);
  return renderDecimal(nanos, format);
}

/** Small and fractional amounts have no binary form; Kubernetes writes them with decimal suffixes. */
function isBinary(nanos: bigint): boolean {
  const magnitude = nanos < 0n ? -nanos : nanos;
  return magnitude >= 1024n * NANOS_PER_UNIT && magnitude % NANOS_PER_UNIT === 0n;
}

function renderBinary(units: bigint): string {
  let mantissa = units;
  let power = 0;
  while (mantissa % 1024n === 0n && power + 1 < BINARY_SUFFIXES.length) {
    mantissa /= 1024n;
    power += 1;
  }
  return `${mantissa}${BINARY_SUFFIXES[power]}`;
}

function renderDecimal(nanos: bigint, format: QuantityFormat): string {
  let mantissa = nanos;
  let exponent = -9;
  while (mantissa % 1000n === 0n && exponent < EXPONENT_OF_E) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (format !== "DecimalExponent") return `${mantissa}${DECIMAL_SUFFIXES.get(exponent)}`;
  return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
}

/** Texts that are canonical already: most quantities in manifests. */
const PLAIN = /^[1-9][0-9]{0,8}(?<!000)m?$|^[1-9][0-9]{0,2}[MG]i$/;

/** The canonical text of a quantity given as text or as a JSON number. Throws QuantityError. */
export function canonicalQuantity(value: string | number | bigint): string {
  const text = typeof value === "string" ? value : String(value);
  return PLAIN.test(text) ? text : renderQuantity(parseQuantity(text));
}

/** Below zero, zero or above zero, as `a` is less than, equal to or greater than `b`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/** The sum, in the format of `a` unless that is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** The difference, in the format of `a` unless that is zero. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** The amount in whole units, rounded up. Exact up to 2^53; above, the nearest number. */
export function quantityValue(quantity: Quantity): number {
  return Number(divideUp(quantity.nanos, NANOS_PER_UNIT));
}

/** The amount in thousandths, rounded up. Exact up to 2^53; above, the nearest number. */
export function milliValue(quantity: Quantity): number {
  return Number(divideUp(quantity.nanos, NANOS_PER_MILLI));
}

/** A quantity of so many units. */
export function quantityOf(units: number | bigint, format: QuantityFormat = "DecimalSI"): Quantity {
  return { nanos: BigInt(units) * NANOS_PER_UNIT, format };
}

/** A quantity of so many thousandths. */
export function quantityOfMillis(millis: number | bigint, format: QuantityFormat = "DecimalSI"): Quantity {
  return { nanos: BigInt(millis) * NANOS_PER_MILLI, format };
}
