// Puts the API server together from its parts: kinds with their caches and rules, the pipeline, and what runs beside the
// requests. Reads no configuration and opens no sockets; main.ts and the standalone cluster do.

import { setMaxListeners } from "node:events";
import { nodes, type Node } from "../api/core/node.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { virtualResources } from "../api/index.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import { formatTime, type Clock } from "../lib/clock.ts";
import { HttpError, type Handler, type HttpRequest, type HttpResponse } from "../lib/http.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import { parseCidr } from "./addresses/cidr.ts";
import type { PortRange } from "./addresses/service-address-ranges.ts";
import { keepAddressRecords } from "./addresses/service-address-records.ts";
import { admissionSteps } from "./admission/index.ts";
import { Allocations } from "./allocation/allocations.ts";
import { PlacementMetrics } from "./allocation/placement-metrics.ts";
import { KeyedLock } from "./allocation/keyed-lock.ts";
import { repairAllocations } from "./allocation/repair-allocations.ts";
import { serveIssuerDocument } from "./auth/issuer-documents.ts";
import { createAuth, type AuthOptions } from "./auth/auth.ts";
import { advertise, type ServerAddress } from "./bootstrap/advertise.ts";
import { createSystemObjects } from "./bootstrap/create-system-objects.ts";
import { localApiServices } from "./bootstrap/local-api-services.ts";
import { removeStaleApiServices } from "./bootstrap/remove-stale-api-services.ts";
import { systemObjects } from "./bootstrap/system-objects.ts";
import { Discovery } from "./discovery/discovery.ts";
import { OpenApiDocuments } from "./discovery/openapi-documents.ts";
import { createHandler } from "./handler.ts";
import { serveHealth, type HealthCheck } from "./health.ts";
import { createKindRules } from "./kinds/index.ts";
import { compactRegularly, expireEvents } from "./maintenance.ts";
import { QuotaLedger } from "./quota/quota-ledger.ts";
import { Readiness } from "./readiness.ts";
import { objectOf } from "./registry/view.ts";
import { createRequestMetrics } from "./request-metrics.ts";
import type { Server } from "./server.ts";
import { ResourceTable, storagePrefix } from "./served-resource.ts";
import { decodeStored } from "./stored-object.ts";
import type { Store } from "./storage/store.ts";
import { type EncodedVersion, WatchCache } from "./storage/watch-cache.ts";
import { UsageScraper } from "./usage/usage-scraper.ts";
import { versionInfo } from "./version-info.ts";
import { renderData } from "./render-answer.ts";

export interface ApiServerOptions extends AuthOptions {
  readonly store: Store;
  readonly resources: readonly ResourceDefinition[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How to reach the kubelet of a node. */
  nodeHandler(node: Node): Handler;
  /** How to reach what listens at an address of a pod; nothing can be reached unless given. */
  backendHandler?(url: string): Handler;
  /** Where services get their addresses, such as `10.96.0.0/16`. */
  readonly serviceCidr: string;
  /** Where services get their node ports; 30000 to 32767 unless given. */
  readonly nodePortRange?: PortRange;
  /** Names of admission steps that are left out. */
  readonly disabledAdmission?: readonly string[];
  /** How much history the store keeps for watches and pages; five minutes unless given. */
  readonly historyMs?: number;
}

export interface ApiServer {
  /** Answers every request, never rejects. Until `start` has resolved, all but those for health and version wait. */
  readonly handle: Handler;
  /** Fills the caches and creates what every cluster has; then ready. What runs beside the requests ends with the signal. */
  start(signal: AbortSignal): Promise<void>;
  /** After `start`: makes it known to clients in the cluster where this server is, until the signal is aborted. */
  advertise(where: ServerAddress, signal: AbortSignal): Promise<void>;
}

const HISTORY_MS = 5 * 60_000;
const NODE_PORTS: PortRange = { first: 30000, last: 32767 };
const NO_BACKENDS = "This server has no way to pods.";
const PUBLIC_PATHS = /^\/(healthz|livez|readyz|version)(\/|$)/;

/** Starts nothing: see `start`. Throws for a serviceCidr that is no range. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { clock, log, metrics } = options;
  const usage = new UsageScraper(options);
  const server = createServer(options, usage);
  const serviceCidr = parseCidr(options.serviceCidr);
  const readiness = new Readiness();
  let address = "";
  const serveOther = createOther(options, { isReady: () => readiness.isReady, address: () => address });
  const handle = createHandler({
    server,
    clock,
    log,
    metrics: createRequestMetrics(metrics),
    readiness,
    serveOther,
    isPublic: (path) => PUBLIC_PATHS.test(path),
  });
  return {
    handle,
    async start(parent) {
      // One signal ends many loops, each of which listens to it.
      const signal = AbortSignal.any([parent]);
      setMaxListeners(0, signal);
      await Promise.all(server.resources.all.map(({ cache }) => cache.start(signal)));
      const now = formatTime(clock.now());
      const local = localApiServices(server.resources.groupVersions, now);
      await removeStaleApiServices(server);
      await createSystemObjects(server, [...systemObjects({ now, serviceCidr }), ...local]);
      await repairAllocations(server);
      void expireEvents(server, signal);
      void keepAddressRecords(server, signal);
      void compactRegularly({ store: options.store, clock, log, historyMs: options.historyMs ?? HISTORY_MS }, signal);
      usage.start(subjectsOf(server), signal);
      readiness.complete();
    },
    advertise(where, signal) {
      address = `${where.address}:${where.port}`;
      return advertise(server, { ...where, serviceCidr }, signal);
    },
  };
}

/** What there is to measure, as the caches show it. */
function subjectsOf({ resources }: Server) {
  const [nodeKind, podKind] = [resources.require(nodes), resources.require(pods)];
  return {
    nodes: () => nodeKind.cache.list(nodeKind.prefix).map((entry) => objectOf<Node>(entry)),
    pods: () => podKind.cache.list(podKind.prefix).map((entry) => objectOf<Pod>(entry)),
  };
}

function createServer(options: ApiServerOptions, usage: UsageScraper): Server {
  const { store, clock, random, log, resources, serviceCidr, nodePortRange = NODE_PORTS } = options;
  const { disabledAdmission = [] } = options;
  const ranges = { cidr: parseCidr(serviceCidr), nodePorts: nodePortRange };
  const rulesOf = createKindRules({ store, random, ranges, usage });
  const stored = resources.filter(({ conversion }) => !conversion);
  const served = stored.map((resource) => {
    const prefix = storagePrefix(resource);
    const decode = (stored: EncodedVersion) => decodeStored(resource.schema, stored);
    const cache = new WatchCache({ store, prefix, decode, log, clock });
    return { resource, prefix, cache, rules: rulesOf(resource) };
  });
  const table = new ResourceTable(served, resources, virtualResources);
  const allocations = new Allocations(store);
  return {
    store,
    clock,
    random,
    log,
    resources: table,
    admission: admissionSteps.filter(({ name }) => !disabledAdmission.includes(name)),
    allocations,
    placementMetrics: new PlacementMetrics(options.metrics),
    ledger: new QuotaLedger({ store, allocations, resources: table }),
    auth: createAuth(options, table),
    contended: new KeyedLock(),
    nodeHandler: options.nodeHandler,
    backendHandler: (url) => options.backendHandler?.(url) ?? (() => Promise.reject(new HttpError(503, NO_BACKENDS))),
  };
}

interface Progress {
  isReady(): boolean;
  /** Where clients in the cluster find this server; empty before it is known to them. */
  address(): string;
}

/** Everything that is served besides resources. */
function createOther(
  { store, resources: stored, metrics, serviceAccounts }: ApiServerOptions,
  { isReady, address }: Progress,
) {
  const resources = [...stored, ...virtualResources];
  const discovery = new Discovery(resources, address);
  const openApi = new OpenApiDocuments(resources);
  const checks: readonly HealthCheck[] = [
    { name: "etcd", isLiveness: true, check: () => store.revision().then(() => undefined) },
    { name: "informer-sync", check: () => Promise.resolve(isReady() ? undefined : "the caches are being filled") },
  ];
  return async (http: HttpRequest): Promise<HttpResponse | undefined> => {
    const health = await serveHealth(checks, http);
    if (health) return health;
    if (http.path === "/version") return renderData(200, versionInfo, { encoding: "json", pretty: true });
    if (http.path === "/metrics") return serveMetrics(metrics);
    return serveIssuerDocument(serviceAccounts, http) ?? discovery.serve(http) ?? openApi.serve(http);
  };
}

async function serveMetrics(metrics: Metrics): Promise<HttpResponse> {
  const { text, contentType } = await metrics.render();
  return { status: 200, headers: { "content-type": contentType }, body: { kind: "bytes", bytes: Buffer.from(text) } };
}
