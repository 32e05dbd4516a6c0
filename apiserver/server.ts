// What the verbs share: the store, the kinds, and the steps of a write. Built once by api-server.ts and passed along.

import type { Clock } from "../lib/clock.ts";
import type { Handler } from "../lib/http.ts";
import type { Log } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import type { Node } from "../api/core/node.ts";
import type { AdmissionStep } from "./admission/admission-step.ts";
import type { Allocations } from "./allocation/allocations.ts";
import type { PlacementMetrics } from "./allocation/placement-metrics.ts";
import type { Auth } from "./auth/auth.ts";
import type { KeyedLock } from "./allocation/keyed-lock.ts";
import type { QuotaLedger } from "./quota/quota-ledger.ts";
import type { ResourceTable } from "./served-resource.ts";
import type { Store } from "./storage/store.ts";

export interface Server {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly resources: ResourceTable;
  /** Who is who, and who may do what. */
  readonly auth: Auth;
  readonly admission: readonly AdmissionStep[];
  readonly allocations: Allocations;
  readonly placementMetrics: PlacementMetrics;
  /** Through it go all writes of one object. */
  readonly ledger: QuotaLedger;
  /** Where writers wait that have lost a race for a key. */
  readonly contended: KeyedLock;
  /** How to reach the kubelet of a node. */
  readonly nodeHandler: (node: Node) => Handler;
  /** How to reach what listens at an address of a pod, such as `http://10.0.0.7:8080`. Its certificate is believed unseen. */
  readonly backendHandler: (url: string) => Handler;
}
