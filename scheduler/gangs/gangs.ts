// Which pods belong to which pod group, what has become of them, and what a member that has no node has to wait for. Kept up to
// date change by change; asking costs nothing that grows with the cluster.

import type { Pod } from "../../api/core/pod.ts";
import { POD_GROUP_LABEL, type PodGroup } from "../../api/kctl-scheduling/pod-group.ts";

/** Binding: a node is chosen, and the server has not confirmed it. Leaving: it is being deleted. */
export type MemberState = "pending" | "binding" | "placed" | "leaving" | "succeeded" | "failed";

export interface Member {
  readonly pod: Pod;
  readonly state: MemberState;
}

export interface Gang {
  /** `namespace/name`. */
  readonly key: string;
  /** Undefined while nothing but its members is there. */
  readonly group: PodGroup | undefined;
  readonly members: ReadonlyMap<string, Member>;
  readonly counts: Readonly<Record<MemberState, number>>;
}

interface MutableGang extends Gang {
  group: PodGroup | undefined;
  readonly members: Map<string, Member>;
  readonly counts: Record<MemberState, number>;
}

/** Single: the member is placed on its own. Together: it is placed with others, so that there are `needed` of them. */
export type Verdict =
  | { readonly kind: "single" }
  | { readonly kind: "together"; readonly needed: number }
  | { readonly kind: "wait"; readonly reason: WaitReason; readonly message: string };

export type WaitReason = "PodGroupMissing" | "MembersMissing" | "BeingPlaced" | "Full";

/** The key of the pod's group; undefined: it belongs to none. */
export function gangKeyOf({ metadata }: Pick<Pod, "metadata">): string | undefined {
  const name = metadata.labels?.[POD_GROUP_LABEL];
  return name ? `${metadata.namespace}/${name}` : undefined;
}

/** Bound: an entry for each pod group, and for each pod that belongs to one. */
export class Gangs {
  readonly #gangs = new Map<string, MutableGang>();
  readonly #keyOfPod = new Map<string, string>();

  get all(): Iterable<Gang> {
    return this.#gangs.values();
  }

  find(key: string): Gang | undefined {
    return this.#gangs.get(key);
  }

  /** The group of a pod that is known to belong to one. */
  gangOf(uid: string): Gang | undefined {
    const key = this.#keyOfPod.get(uid);
    return key === undefined ? undefined : this.#gangs.get(key);
  }

  setGroup(key: string, group: PodGroup | undefined): Gang {
    const gang = this.#open(key);
    gang.group = group;
    this.#forgetEmpty(gang);
    return gang;
  }

  /** The pod is as it is now; undefined: it is gone. Returns the groups that this changes. */
  setPod(uid: string, pod: Pod | undefined): readonly Gang[] {
    const key = pod && gangKeyOf(pod);
    const before = this.gangOf(uid);
    const changed = new Set<Gang>();
    if (before && before.key !== key) {
      this.#put(before as MutableGang, uid, undefined);
      this.#keyOfPod.delete(uid);
      changed.add(before);
    }
    if (pod && key !== undefined) {
      const gang = this.#open(key);
      const isBinding = gang.members.get(uid)?.state === "binding";
      const state = stateOf(pod);
      const next: Member = { pod, state: isBinding && state === "pending" ? "binding" : state };
      const known = gang.members.get(uid);
      if (known?.state !== next.state || known.pod.status.phase !== pod.status.phase) changed.add(gang);
      this.#keyOfPod.set(uid, key);
      this.#put(gang, uid, next);
    }
    return [...changed];
  }

  /** The scheduler has chosen a node for the pod, or has taken that back. Returns its group, if that changes it. */
  setBinding(uid: string, isBinding: boolean): Gang | undefined {
    const gang = this.gangOf(uid);
    const member = gang?.members.get(uid);
    const [from, to] = isBinding ? (["pending", "binding"] as const) : (["binding", "pending"] as const);
    if (!gang || member?.state !== from) return undefined;
    this.#put(gang as MutableGang, uid, { ...member, state: to });
    return gang;
  }

  #open(key: string): MutableGang {
    const known = this.#gangs.get(key);
    if (known) return known;
    const counts = { pending: 0, binding: 0, placed: 0, leaving: 0, succeeded: 0, failed: 0 };
    const gang: MutableGang = { key, group: undefined, members: new Map(), counts };
    this.#gangs.set(key, gang);
    return gang;
  }

  #put(gang: MutableGang, uid: string, member: Member | undefined): void {
    const before = gang.members.get(uid);
    if (before) gang.counts[before.state]--;
    if (member) {
      gang.members.set(uid, member);
      gang.counts[member.state]++;
    } else {
      gang.members.delete(uid);
      this.#forgetEmpty(gang);
    }
  }

  #forgetEmpty(gang: MutableGang): void {
    if (!gang.group && gang.members.size === 0) this.#gangs.delete(gang.key);
  }
}

function stateOf({ metadata, spec, status }: Pod): MemberState {
  if (status.phase === "Succeeded") return "succeeded";
  if (status.phase === "Failed") return "failed";
  if (metadata.deletionTimestamp) return "leaving";
  return spec.nodeName ? "placed" : "pending";
}

/**
 * What a member without a node has to wait for.
 * 1. Where members run already, others replace those that died, or come in addition, one by one.
 * 2. Otherwise as many as are missing must come together; members that have succeeded need not come again.
 */
export function judgeMember({ key, group, counts }: Gang): Verdict {
  if (!group) return wait("PodGroupMissing", `there is no pod group "${key}"`);
  const { minMember, maxMember = Infinity } = group.spec;
  const taken = counts.placed + counts.binding;
  if (taken > 0 && taken >= maxMember) {
    return wait("Full", `pod group "${key}" has the ${maxMember} members that it may have at most`);
  }
  if (counts.placed > 0) return { kind: "single" };
  if (counts.binding > 0) return wait("BeingPlaced", `pod group "${key}" is being placed`);
  const needed = Math.max(1, minMember - counts.succeeded);
  if (counts.pending < needed) {
    return wait("MembersMissing", `pod group "${key}" needs ${minMember} members before it is placed`);
  }
  return needed === 1 ? { kind: "single" } : { kind: "together", needed };
}

const wait = (reason: WaitReason, message: string): Verdict => ({ kind: "wait", reason, message });
