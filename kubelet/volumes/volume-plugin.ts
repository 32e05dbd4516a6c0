// How volumes of one type come to a node. A plugin knows one field of a volume's source; it only makes files and directories
// below the directory it is given, and never touches what others have put on the node.

import type { ConfigMap } from "../../api/core/config-map.ts";
import type { PersistentVolumeSource } from "../../api/core/persistent-volume-source.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Secret } from "../../api/core/secret.ts";
import type { ServiceAccountTokenProjection } from "../../api/core/volume-projection.ts";
import type { Volume, VolumeSource } from "../../api/core/volume.ts";
import type { Exec } from "../../lib/exec.ts";
import type { DownwardFacts } from "../field-ref.ts";

/** A volume of a pod; where the pod names a claim, what the claim stands for. */
export interface NodeVolume extends Volume, Pick<PersistentVolumeSource, "local"> {
  readonly persistent?: {
    readonly name: string;
    /** The pod's claim says so. */
    readonly readOnly: boolean;
    readonly mountOptions: readonly string[];
  };
}

export interface VolumePlugin {
  readonly source: keyof VolumeSource | "local";
  /** The path on the node that containers mount. Pure. */
  path(volume: NodeVolume, directory: string): string;
  /** Containers may only read it, whatever their mounts say. They may write, unless given. */
  isReadOnly?(volume: NodeVolume): boolean;
  /**
   * Makes the volume or brings it up to date; idempotent. Throws an Error whose message says what is missing, in Kubernetes'
   * words where it has them.
   */
  setUp(volume: NodeVolume, context: VolumeContext): Promise<void>;
}

export interface VolumeContext {
  readonly pod: Pod;
  /** The volume's own directory. */
  readonly directory: string;
  readonly facts: DownwardFacts;
  /** The volume has been set up before, and the pod may be at work in it. */
  readonly isKnown: boolean;
  /** Undefined: there is no such object. */
  configMap(name: string): ConfigMap | undefined;
  secret(name: string): Secret | undefined;
  /** A token of the pod's service account. Rejects where the server gives none. */
  token(projection: ServiceAccountTokenProjection): Promise<string>;
  /** Whether something is mounted at the volume's own directory. */
  isMounted(): Promise<boolean>;
  readonly exec: Pick<Exec, "run">;
  readonly signal: AbortSignal;
}
