// IP addresses and address ranges as fields of objects hold them.

import { isIP, isIPv4 } from "node:net";
import { invalidField, type FieldError } from "../schema/field-error.ts";

/** IPv4 with leading zeros is refused: implementations disagree about what it means. */
export const isValidIp = (text: string): boolean => isIP(text) !== 0 && !text.includes("%");

export function checkIp(path: string, value: string): readonly FieldError[] {
  const problem = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
  return isValidIp(value) ? [] : [invalidField(path, value, problem)];
}

export function isValidCidr(text: string): boolean {
  const [ip = "", bits = "", ...rest] = text.split("/");
  if (rest.length > 0 || !isValidIp(ip) || !/^(0|[1-9]\d{0,2})$/.test(bits)) return false;
  return Number(bits) <= (isIPv4(ip) ? 32 : 128);
}

export function checkCidr(path: string, value: string): readonly FieldError[] {
  const problem = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
  return isValidCidr(value) ? [] : [invalidField(path, value, problem)];
}

interface SpecialRange {
  readonly contains: (ip: string) => boolean;
  readonly problem: (ip: string) => string;
}

const SPECIAL_RANGES: readonly SpecialRange[] = [
  { contains: (ip) => ip === "0.0.0.0" || /^[0:]+$/.test(ip), problem: (ip) => `may not be unspecified (${ip})` },
  {
    contains: (ip) => (/^127\./.test(ip) && !isProcessPodAddress(ip)) || /^[0:]*:0*1$/.test(ip),
    problem: () => "may not be in the loopback range (127.0.0.0/8, ::1/128)",
  },
  {
    contains: (ip) => /^169\.254\./.test(ip) || /^fe[89ab][0-9a-f]:/i.test(ip),
    problem: () => "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
  },
  {
    contains: (ip) => /^224\.0\.0\./.test(ip) || /^ff02:/i.test(ip),
    problem: () => "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
  },
];

/**
 * 127.64.0.0/10, where the process runtime gives pods without a network of their own distinct addresses. Kubernetes knows
 * no such pods and refuses all of 127.0.0.0/8; the rest of it, where a host's own services listen, is refused here too.
 */
function isProcessPodAddress(ip: string): boolean {
  const second = Number(ip.split(".")[1]);
  return second >= 64 && second <= 127;
}

/** Traffic must not be sent to addresses that mean something else on each machine. */
export function checkEndpointIp(path: string, value: string): readonly FieldError[] {
  const malformed = checkIp(path, value);
  if (malformed.length > 0) return malformed;
  // The IPv4 form that hides in an IPv6 address is judged as what it is.
  const ip = value.replace(/^::ffff:(?=\d+\.)/i, "");
  return SPECIAL_RANGES.filter(({ contains }) => contains(ip)).map(({ problem }) =>
    invalidField(path, value, problem(value)),
  );
}
