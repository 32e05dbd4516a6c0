// Events tell people what happened to an object. Repeats are counted in one Event instead of written again.

import type { KubeObject } from "../api/meta/object.ts";

export interface EventRecorder {
  /**
   * Records without waiting and without ever failing the caller: what cannot be written is logged and dropped.
   * `reason` is CamelCase and constant, `message` one sentence for people.
   */
  record(about: EventSubject, type: "Normal" | "Warning", reason: string, message: string): void;
}

/** An object, or a part of one such as `spec.containers{web}`. */
export interface EventSubject {
  readonly object: KubeObject;
  readonly fieldPath?: string;
}
