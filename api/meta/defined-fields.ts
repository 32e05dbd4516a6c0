// Objects of the API hold no undefined values: a field is there or it is not, whether an object came over the network or not.

/** A shallow copy without the fields whose value is undefined. */
export function definedFields<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
