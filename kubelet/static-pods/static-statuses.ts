// The statuses of a node's pods, static ones included: what is reported of a static pod is kept with it, and written to
// its mirror whenever there is one. All others are the status writer's alone.

import type { Pod } from "../../api/core/pod.ts";
import type { PodStatus } from "../../api/core/pod-status.ts";
import { formatKey, keyOf } from "../../api/meta/object.ts";
import type { Informer } from "../../client/informer.ts";
import type { PodStatuses, StatusWriter } from "../status-writer.ts";
import type { StaticPodSource } from "./static-pod-source.ts";
import { isMirror, isMirrorOf, isStatic } from "./static-pod.ts";

export interface StaticStatusesDeps {
  readonly writer: StatusWriter;
  readonly api: Informer<Pod>;
  readonly source: StaticPodSource;
}

export class StaticStatuses implements PodStatuses {
  readonly #deps: StaticStatusesDeps;

  constructor(deps: StaticStatusesDeps) {
    this.#deps = deps;
    deps.api.onChange(({ type, object: mirror }) => {
      if (!isMirror(mirror)) return;
      if (type === "deleted") return deps.writer.forget(mirror.metadata.uid);
      const pod = deps.source.get(formatKey(keyOf(mirror)));
      if (pod) this.#show(pod, mirror);
    });
  }

  newest(pod: Pod): Pod {
    if (!isStatic(pod)) return this.#deps.writer.newest(pod);
    const known = this.#deps.source.get(formatKey(keyOf(pod)));
    return known?.metadata.uid === pod.metadata.uid ? known : pod;
  }

  reported(pod: Pod): PodStatus {
    return isStatic(pod) ? this.newest(pod).status : this.#deps.writer.reported(pod);
  }

  report(pod: Pod, status: PodStatus): void {
    if (!isStatic(pod)) return this.#deps.writer.report(pod, status);
    this.#deps.source.report(pod, status);
    const mirror = this.#deps.api.get(keyOf(pod));
    if (mirror && isMirror(mirror)) this.#show(this.newest(pod), mirror);
  }

  /** A static pod is in no API; its mirror goes when it has ended. */
  delete(pod: Pod, signal: AbortSignal): Promise<void> {
    return isStatic(pod) ? Promise.resolve() : this.#deps.writer.delete(pod, signal);
  }

  forget(uid: string): void {
    this.#deps.source.ended(uid);
    this.#deps.writer.forget(uid);
  }

  #show(pod: Pod, mirror: Pod): void {
    if (isMirrorOf(mirror, pod)) this.#deps.writer.report(mirror, pod.status);
  }
}
