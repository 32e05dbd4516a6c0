// What a plain (unquoted) YAML scalar means to kubectl: YAML 1.1 booleans and octal numbers, but dates and base-60 numbers
// stay strings. The reader and the writer share it, so that a string is quoted exactly where it would be read otherwise.

const NULL = /^(?:|~|null|Null|NULL)$/;
const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const NUMBER_START = /^[-+.0-9]/;
const INTEGER = /^[-+]?(?:0|[1-9][0-9]*|0[0-7]+|0o[0-7]+|0x[0-9a-fA-F]+|0b[01]+)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INFINITY = /^[-+]?\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const TIMESTAMP =
  /^[0-9]{4}-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12][0-9]|3[01])(?:[Tt][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})| [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?)?$/;
/** No API value has more digits; parsing far more of them would take time quadratic in their number. */
const DIGITS_MAX = 100;

export const isPlainNull = (text: string): boolean => NULL.test(text);

/** The boolean that the text stands for; undefined if none. */
export function parsePlainBoolean(text: string): boolean | undefined {
  return TRUE.test(text) ? true : FALSE.test(text) ? false : undefined;
}

/** The number that the text stands for, a bigint where a number would round; undefined if none. May be infinite or NaN. */
export function parsePlainNumber(text: string): number | bigint | undefined {
  if (!NUMBER_START.test(text)) return undefined;
  const digits = text.startsWith(".") ? text : text.replaceAll("_", "");
  if (digits.length <= DIGITS_MAX && INTEGER.test(digits)) return parseInteger(digits);
  if (FLOAT.test(digits)) return Number(digits);
  if (INFINITY.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return NOT_A_NUMBER.test(text) ? NaN : undefined;
}

function parseInteger(text: string): number | bigint {
  const magnitude = text.replace(/^[-+]/, "").replace(/^0(?=[0-7])/, "0o");
  const value = text.startsWith("-") ? -BigInt(magnitude) : BigInt(magnitude);
  const rounded = Number(value);
  return Number.isSafeInteger(rounded) ? rounded : value;
}

/** Whether a string must be quoted, because some YAML 1.1 reader would take the plain text for something else. */
export function readsAsNonString(text: string): boolean {
  return (
    isPlainNull(text) ||
    parsePlainBoolean(text) !== undefined ||
    parsePlainNumber(text) !== undefined ||
    BASE_60.test(text) ||
    TIMESTAMP.test(text)
  );
}
