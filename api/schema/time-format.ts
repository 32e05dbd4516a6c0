// Times in API objects: RFC 3339 text, brought to the one form that Kubernetes stores.

const RFC_3339 =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:[.,]([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})$/;
const CANONICAL = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$/;

/** `2006-01-02T15:04:05Z`: UTC, whole seconds. Undefined if the text is no RFC 3339 time. */
export function canonicalTime(text: string): string | undefined {
  return CANONICAL.test(text) ? text : toUtc(text)?.seconds.concat("Z");
}

/** `2006-01-02T15:04:05.000000Z`: UTC, six decimals. Undefined if the text is no RFC 3339 time. */
export function canonicalMicroTime(text: string): string | undefined {
  const time = toUtc(text);
  return time && `${time.seconds}.${time.fraction.padEnd(6, "0").slice(0, 6)}Z`;
}

function toUtc(text: string): { seconds: string; fraction: string } | undefined {
  const [, local, fraction = "", zone] = RFC_3339.exec(text) ?? [];
  if (local === undefined || zone === undefined) return undefined;
  const milliseconds = Date.parse(local + zone);
  const isRealDay = !Number.isNaN(milliseconds) && new Date(`${local}Z`).toISOString().startsWith(local);
  return isRealDay ? { seconds: new Date(milliseconds).toISOString().slice(0, 19), fraction } : undefined;
}
