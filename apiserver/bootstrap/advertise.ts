// How clients in the cluster find the API servers: the service `kubernetes`, with the address of each server behind it. Every
// server renews a record of its own now and then, and forgets those of others that no longer do.

import { endpoints, type Endpoints } from "../../api/core/endpoints.ts";
import { services } from "../../api/core/service.ts";
import { endpointSlices, type EndpointSlice } from "../../api/discovery/endpoint-slice.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { pause } from "../../lib/clock.ts";
import { renderIPv4, type Cidr } from "../addresses/cidr.ts";
import { planPut } from "../registry/plan-write.ts";
import { transact } from "../registry/transact.ts";
import { objectOf } from "../registry/view.ts";
import type { Server } from "../server.ts";
import { createSystemObjects } from "./create-system-objects.ts";
import { systemObject, type SystemObject } from "./system-object.ts";

/** Where a server is reached by programs in the cluster: an IPv4 address. */
export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

interface ServerRecord extends ServerAddress {
  /** Milliseconds since 1970. */
  readonly renewedAtMs: number;
}

const RECORDS = "/gantry/apiservers/";
const RENEW_MS = 10_000;
/** A record that is older is a server's that has gone. As long as kube-apiserver's leases. */
const LIFE_MS = 15_000;

const KEY = { namespace: "default", name: "kubernetes" };

type Own = ServerAddress & { readonly serviceCidr: Cidr };

/** Resolves when the server is known, or that has failed once: it is tried again until the signal is aborted. */
export async function advertise(server: Server, own: Own, signal: AbortSignal): Promise<void> {
  await tryToPublish(server, own);
  void renewRegularly(server, own, signal);
}

async function renewRegularly(server: Server, own: Own, signal: AbortSignal): Promise<void> {
  for (;;) {
    await pause(server.clock, RENEW_MS, signal);
    if (signal.aborted) return;
    await tryToPublish(server, own);
  }
}

const tryToPublish = (server: Server, own: Own) =>
  publish(server, own).catch((error: unknown) => {
    server.log.warn("this server could not be made known to clients in the cluster", { error });
  });

async function publish(server: Server, own: Own): Promise<void> {
  const servers = await renewRecords(server, own);
  const described = { endpoints: describeEndpoints(servers), slice: describeSlice(servers) };
  await createSystemObjects(server, [
    apiService(own),
    systemObject(endpoints, { metadata: ENDPOINTS_METADATA, ...described.endpoints }),
    systemObject(endpointSlices, { metadata: SLICE_METADATA, ...described.slice }),
  ]);
  await refresh(server, endpoints, (old) => ({ ...old, ...described.endpoints }));
  await refresh(server, endpointSlices, (old) => ({ ...old, ...described.slice }));
}

/** Renews the server's own record, and tells which servers there are, in an order that is the same for all of them. */
async function renewRecords({ store, clock }: Server, { address, port }: ServerAddress): Promise<Servers> {
  const nowMs = clock.now();
  const own: ServerRecord = { address, port, renewedAtMs: nowMs };
  const ownKey = `${RECORDS}${address}:${port}`;
  const { items } = await store.list(RECORDS);
  const others = items
    .filter(({ key }) => key !== ownKey)
    .map(({ key, value }) => ({ key, record: JSON.parse(Buffer.from(value).toString()) as ServerRecord }));
  const gone = others.filter(({ record }) => nowMs - record.renewedAtMs > LIFE_MS);
  const writes = [
    { key: ownKey, value: Buffer.from(JSON.stringify(own)) },
    ...gone.map(({ key }) => ({ key, value: undefined })),
  ];
  await store.commit({ checks: [], writes });
  const servers = [own, ...others.filter((each) => !gone.includes(each)).map(({ record }) => record)];
  return servers.sort((a, b) => (a.address === b.address ? a.port - b.port : a.address < b.address ? -1 : 1));
}

const apiService = ({ port, serviceCidr }: { readonly port: number; readonly serviceCidr: Cidr }): SystemObject =>
  systemObject(services, {
    metadata: { ...KEY, labels: { component: "apiserver", provider: "kubernetes" } },
    spec: {
      type: "ClusterIP",
      clusterIP: renderIPv4(serviceCidr.first + 1),
      ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: port }],
      sessionAffinity: "None",
    },
  });

const ENDPOINTS_METADATA = { ...KEY, labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } };
const SLICE_METADATA = { ...KEY, labels: { "kubernetes.io/service-name": KEY.name } };

type Servers = readonly ServerAddress[];

const portOf = (port: number) => ({ name: "https", port, protocol: "TCP" as const });

/** One subset for each port; servers on machines of their own have the same. */
function describeEndpoints(servers: Servers): Pick<Endpoints, "subsets"> {
  const ports = [...new Set(servers.map(({ port }) => port))];
  return {
    subsets: ports.map((port) => ({
      addresses: servers.filter((each) => each.port === port).map(({ address }) => ({ ip: address })),
      ports: [portOf(port)],
    })),
  };
}

/** A slice has one port for all: that of the first server. */
function describeSlice(servers: Servers): Pick<EndpointSlice, "addressType" | "endpoints" | "ports"> {
  const port = servers[0]?.port ?? 0;
  const reached = servers.filter((each) => each.port === port);
  return {
    addressType: "IPv4",
    endpoints: reached.map(({ address }) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [portOf(port)],
  };
}

/** Puts right what others have changed, and writes nothing where it is right already. */
async function refresh<T extends KubeObject>(
  server: Server,
  resource: ResourceDefinition<T>,
  describe: (old: T) => T,
): Promise<void> {
  const served = server.resources.require(resource);
  await transact(server, async (view) => {
    const old = await view.get(served, KEY);
    const nothing = { outcome: () => undefined };
    if (!old) return nothing;
    const wanted = describe(objectOf<T>(old));
    if (semanticEqual(wanted, old.object)) return nothing;
    const object = resource.prepare?.(wanted, objectOf<T>(old)) ?? wanted;
    const { draft } = await planPut(served, { key: KEY, old, object }, { view });
    return { draft, outcome: () => undefined };
  });
}
