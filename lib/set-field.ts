// Setting keys of JSON data that others chose.

/** Sets a key as plain data. An assignment to `__proto__` would change the object's prototype instead. */
export function setField(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
