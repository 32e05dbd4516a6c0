// A second picture of the cluster, in which pods may be taken out and put back at will: the rules are asked about it as about
// the real one, whose caches and logs nothing of this reaches. Brought up to date by the rows that have changed.

import type { PodInfo } from "../pod-info.ts";
import { Snapshot } from "../snapshot.ts";

/** Bound: as the snapshot that it follows; the pods themselves are shared. */
export class ScratchCluster {
  readonly snapshot: Snapshot;
  readonly #real: Snapshot;
  /** The version of each node that has been copied. */
  readonly #copied = new Map<string, number>();
  #version = -1;
  #topologyVersion = -1;

  constructor(real: Snapshot) {
    this.#real = real;
    this.snapshot = new Snapshot(real.storage);
  }

  /** Whoever has taken pods out has put them back by now. */
  sync(): void {
    const { version, topologyVersion } = this.#real;
    if (this.#version === version) return;
    this.#version = version;
    if (this.#topologyVersion !== topologyVersion) this.#copyTopology();
    this.#topologyVersion = topologyVersion;
    for (const { name, row } of this.#real.nodes) {
      const rowVersion = this.#real.versions.get(row);
      if (this.#copied.get(name) === rowVersion) continue;
      this.#copied.set(name, rowVersion);
      this.#copyPods(name);
    }
  }

  #copyTopology(): void {
    for (const [name, labels] of this.#real.namespaces) this.snapshot.setNamespace({ metadata: { name, labels } });
    for (const { name } of [...this.snapshot.nodes]) {
      if (this.#real.node(name)) continue;
      this.#copied.delete(name);
      for (const { uid } of [...this.snapshot.podsOn(name)]) this.snapshot.removePod(uid);
      this.snapshot.removeNode(name);
    }
  }

  #copyReserve(nodeName: string): void {
    const setAside = this.#real.node(nodeName)?.reserve?.setAside;
    if (this.snapshot.node(nodeName)?.reserve?.setAside !== setAside) this.snapshot.setAside(nodeName, setAside ?? []);
  }

  #copyPods(nodeName: string): void {
    const node = this.#real.node(nodeName)?.node;
    if (node && this.snapshot.node(nodeName)?.node !== node) this.snapshot.setNode(node);
    this.#copyReserve(nodeName);
    const real = new Set<PodInfo>(this.#real.podsOn(nodeName));
    for (const pod of [...this.snapshot.podsOn(nodeName)]) {
      if (!real.delete(pod)) this.snapshot.removePod(pod.uid);
    }
    for (const pod of real) this.snapshot.addPod(pod, nodeName);
  }
}
