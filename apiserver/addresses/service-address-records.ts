// The IPAddress objects that stand for the addresses of services. Being objects, they can be removed by users; then the
// address must not go to another service, so the record is written again, as Kubernetes does.

import { services, type Service } from "../../api/core/service.ts";
import type { ObjectKey } from "../../api/meta/object.ts";
import {
  ipAddresses,
  IP_FAMILY_LABEL,
  MANAGED_BY_LABEL,
  SERVICE_ALLOCATOR,
  type IPAddress,
} from "../../api/networking/ip-address.ts";
import { apiVersionOf } from "../../api/resource.ts";
import { formatTime, pause } from "../../lib/clock.ts";
import { uuid, type Random } from "../../lib/random.ts";
import { liveView, objectOf } from "../registry/view.ts";
import type { Server } from "../server.ts";
import { storageKey } from "../served-resource.ts";
import { encodeStored } from "../stored-object.ts";
import type { Entry } from "../storage/cache-entry.ts";
import { Compacted, Conflict } from "../storage/store.ts";
import { SlowWatcher } from "../storage/watch-cache.ts";
import { IP_ADDRESSES_PREFIX } from "./service-address-ranges.ts";

const HEADLESS = "None";
const isAddress = (ip: string | undefined): ip is string => ip !== undefined && ip !== "" && ip !== HEADLESS;

/** The addresses that the service holds. */
export const addressesOf = (service: Service | undefined): readonly string[] =>
  service ? [...new Set([service.spec.clusterIP, ...(service.spec.clusterIPs ?? [])])].filter(isAddress) : [];

export interface RecordOptions {
  readonly service: ObjectKey;
  /** RFC 3339. */
  readonly now: string;
  readonly random: Random;
}

export function addressRecord(ip: string, { service, now, random }: RecordOptions): IPAddress {
  const { namespace, name } = service;
  return {
    apiVersion: apiVersionOf(ipAddresses),
    kind: ipAddresses.kind,
    metadata: {
      name: ip,
      uid: uuid(random),
      resourceVersion: "",
      creationTimestamp: now,
      labels: { [IP_FAMILY_LABEL]: "IPv4", [MANAGED_BY_LABEL]: SERVICE_ALLOCATOR },
    },
    spec: { parentRef: { resource: services.plural, namespace, name } },
  };
}

/** The service that the address was given to; undefined where something else has it. */
export function holderOf({ spec: { parentRef } }: IPAddress): ObjectKey | undefined {
  const { group = "", resource, namespace, name } = parentRef ?? {};
  return group === "" && resource === services.plural && namespace && name ? { namespace, name } : undefined;
}

const RETRY_MS = 5_000;

/** Until the signal is aborted. Also finds what is missing at the start, as in a store that knew no such records. */
export async function keepAddressRecords(server: Server, signal: AbortSignal): Promise<void> {
  const { cache, prefix } = server.resources.require(ipAddresses);
  while (!signal.aborted) {
    const after = cache.revision;
    try {
      await restoreAll(server);
      for await (const { events } of cache.watch({ prefix, after, signal })) {
        for (const { type, entry } of events) if (type === "DELETED") await restoreRemoved(server, entry);
      }
    } catch (error) {
      // Too many changes at once: all are looked at again.
      if (error instanceof SlowWatcher || error instanceof Compacted) continue;
      server.log.warn("records of services' addresses could not be restored", { error });
      await pause(server.clock, RETRY_MS, signal);
    }
  }
}

async function restoreAll(server: Server): Promise<void> {
  const served = server.resources.require(services);
  for (const entry of served.cache.list(served.prefix)) {
    const service = objectOf<Service>(entry);
    const { namespace, name } = service.metadata;
    for (const ip of addressesOf(service)) {
      const record = server.resources.require(ipAddresses).cache.get(IP_ADDRESSES_PREFIX + ip);
      if (!record) await restore(server, ip, { namespace, name });
    }
  }
}

async function restoreRemoved(server: Server, { object }: Entry): Promise<void> {
  const holder = holderOf(object as IPAddress);
  if (holder) await restore(server, object.metadata.name, holder);
}

const ATTEMPTS_MAX = 5;

/** Only if the service is there and still holds the address when the record is written. */
async function restore(server: Server, ip: string, key: ObjectKey): Promise<void> {
  const served = server.resources.require(services);
  const { store, clock, random } = server;
  const recordKey = IP_ADDRESSES_PREFIX + ip;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const entry = await liveView(store).get(served, key);
    if (!entry || !addressesOf(objectOf<Service>(entry)).includes(ip)) return;
    const record = addressRecord(ip, { service: key, now: formatTime(clock.now()), random });
    const checks = [
      { key: storageKey(served, key), revision: entry.revision },
      { key: recordKey, revision: 0 },
    ];
    try {
      await store.commit({ checks, writes: [{ key: recordKey, value: encodeStored(record).bytes }] });
      return;
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      // Another server was faster, or somebody has taken the address: that cannot be helped here.
      if (error.key === recordKey) return;
    }
  }
}
