// The pods that wait at a gate until it opens, by gate: all of them are let go at once.

/** Bound: an entry for each pod that waits. */
export class HeldPods {
  readonly #byGate = new Map<string, Set<string>>();
  readonly #gateOf = new Map<string, string>();

  add(gate: string, uid: string): void {
    this.remove(uid);
    const held = this.#byGate.get(gate) ?? new Set();
    held.add(uid);
    this.#byGate.set(gate, held);
    this.#gateOf.set(uid, gate);
  }

  remove(uid: string): void {
    const gate = this.#gateOf.get(uid);
    if (gate === undefined) return;
    this.#gateOf.delete(uid);
    const held = this.#byGate.get(gate);
    held?.delete(uid);
    if (held?.size === 0) this.#byGate.delete(gate);
  }

  /** All that wait at the gate; they do so no more. */
  open(gate: string): readonly string[] {
    const held = [...(this.#byGate.get(gate) ?? [])];
    for (const uid of held) this.remove(uid);
    return held;
  }
}
