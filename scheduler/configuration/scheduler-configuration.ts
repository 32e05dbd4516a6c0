// The file that says how a scheduler works: KubeSchedulerConfiguration, version kubescheduler.config.k8s.io/v1.

import {
  any,
  boolean,
  bytes,
  completed,
  type Infer,
  int32,
  int64,
  lenient,
  list,
  number,
  object,
  optional,
  present,
  required,
  string,
} from "../../api/schema/schema.ts";
import { filled, type PluginArgs, typeMeta } from "./plugin-args.ts";

export const CONFIGURATION_VERSION = "kubescheduler.config.k8s.io/v1";
export const CONFIGURATION_KIND = "KubeSchedulerConfiguration";
const PREFIX = "kubescheduler.config.k8s.io.v1";

const plugin = object(`${PREFIX}.Plugin`, "A plugin by name, * for all of them.", {
  name: lenient(required(1, string(), "The name of the plugin.")),
  weight: optional(2, int32(), "How much its scores count."),
});
export interface PluginEntry extends Infer<typeof plugin> {}

const pluginSet = object(`${PREFIX}.PluginSet`, "The plugins of one extension point.", {
  enabled: filled([], required(1, list(plugin), "Those that work besides, or otherwise than, the default ones.")),
  disabled: filled([], required(2, list(plugin), "The default ones that do not work.")),
});
export interface PluginSet extends Infer<typeof pluginSet> {}

/** In the order in which a pod meets them. */
export const extensionPoints = [
  "preEnqueue",
  "queueSort",
  "preFilter",
  "filter",
  "postFilter",
  "preScore",
  "score",
  "reserve",
  "permit",
  "preBind",
  "bind",
  "postBind",
] as const;
export type ExtensionPoint = (typeof extensionPoints)[number];

const at = (proto: number, name: string) => present(proto, pluginSet, `The plugins at ${name}.`);
const plugins = object(`${PREFIX}.Plugins`, "Which plugins work where.", {
  preEnqueue: at(1, "preEnqueue"),
  queueSort: at(2, "queueSort"),
  preFilter: at(3, "preFilter"),
  filter: at(4, "filter"),
  postFilter: at(5, "postFilter"),
  preScore: at(6, "preScore"),
  score: at(7, "score"),
  reserve: at(8, "reserve"),
  permit: at(9, "permit"),
  preBind: at(10, "preBind"),
  bind: at(11, "bind"),
  postBind: at(12, "postBind"),
  multiPoint: present(13, pluginSet, "The plugins that work at all points that they know."),
});
export interface Plugins extends Infer<typeof plugins> {}

const profile = object(`${PREFIX}.KubeSchedulerProfile`, "How the pods that name one scheduler are scheduled.", {
  schedulerName: lenient(required(1, string(), "The name that pods give in spec.schedulerName.")),
  percentageOfNodesToScore: optional(2, int32(), "Accepted; all nodes are looked at."),
  plugins: present(3, plugins, "Which plugins work, beside the default ones."),
  pluginConfig: filled(
    [],
    required(
      4,
      list(
        object(`${PREFIX}.PluginConfig`, "What is set about a plugin.", {
          name: lenient(required(1, string(), "The name of the plugin.")),
          args: optional(2, any(), "Its arguments."),
        }),
      ),
      "What is set about the plugins.",
    ),
  ),
});

const leaderElection = object(`${PREFIX}.LeaderElectionConfiguration`, "How replicas choose the one that works.", {
  leaderElect: filled(true, required(1, boolean(), "Whether there may be other replicas.")),
  leaseDuration: filled("15s", required(2, string(), "How long the others wait for a silent leader.")),
  renewDeadline: filled("10s", required(3, string(), "How long the leader goes on without renewing.")),
  retryPeriod: filled("2s", required(4, string(), "How long to wait between two attempts.")),
  resourceLock: filled("leases", required(5, string(), "The kind of lock; there is only leases.")),
  resourceName: filled("kube-scheduler", required(6, string(), "The name of the lease.")),
  resourceNamespace: filled("kube-system", required(7, string(), "The namespace of the lease.")),
});

const clientConnection = object(`${PREFIX}.ClientConnectionConfiguration`, "How to reach the API server.", {
  kubeconfig: optional(1, string(), "The file that says where it is, and as whom."),
  acceptContentTypes: optional(2, string(), "Accepted; JSON is used."),
  contentType: optional(3, string(), "Accepted; JSON is used."),
  qps: optional(4, number(), "Accepted; the API server's fairness limits requests."),
  burst: filled(100, required(5, int32(), "Accepted; the API server's fairness limits requests.")),
});

const extenderTls = object(`${PREFIX}.ExtenderTLSConfig`, "How to trust an extender, and be trusted by it.", {
  insecure: optional(1, boolean(), "Whether any certificate is believed. For tests."),
  serverName: optional(2, string(), "The name that its certificate is for."),
  certFile: optional(3, string(), "The file with the client's certificate."),
  keyFile: optional(4, string(), "The file with the client's key."),
  caFile: optional(5, string(), "The file with the certificates that are believed."),
  certData: optional(6, bytes(), "The client's certificate, instead of the file."),
  keyData: optional(7, bytes(), "The client's key, instead of the file."),
  caData: optional(8, bytes(), "The certificates that are believed, instead of the file."),
});
export interface ExtenderTls extends Infer<typeof extenderTls> {}

const extender = object(`${PREFIX}.Extender`, "A server that has a say in where pods go.", {
  urlPrefix: lenient(required(1, string(), "Where it is; a verb is added to it.")),
  filterVerb: optional(2, string(), "The verb that says which nodes will do."),
  preemptVerb: optional(3, string(), "The verb that says which victims will do."),
  prioritizeVerb: optional(4, string(), "The verb that scores nodes."),
  weight: optional(5, int64(), "How much its scores count."),
  bindVerb: optional(6, string(), "The verb that binds; there may be one such extender."),
  enableHTTPS: optional(7, boolean(), "Whether it is reached by HTTPS."),
  tlsConfig: optional(8, extenderTls, "How to trust it."),
  httpTimeout: optional(9, string(), "How long an answer may take; 5s unless given."),
  nodeCacheCapable: optional(10, boolean(), "It knows the nodes: names will do."),
  managedResources: filled(
    [],
    required(
      11,
      list(
        object(`${PREFIX}.ExtenderManagedResource`, "A resource that an extender looks after.", {
          name: lenient(required(1, string(), "The name of the resource.")),
          ignoredByScheduler: optional(2, boolean(), "Whether the scheduler itself takes no notice of it."),
        }),
      ),
      "It is asked only about pods that ask for one of these; about all pods if there is none.",
    ),
  ),
  ignorable: optional(12, boolean(), "Whether pods are scheduled without it when it does not answer."),
});
export interface ExtenderConfiguration extends Infer<typeof extender> {}

export const schedulerConfiguration = completed(
  object(`${PREFIX}.${CONFIGURATION_KIND}`, "How a scheduler works.", {
    ...typeMeta,
    parallelism: filled(16, required(3, int32(), "Accepted; one thread decides.")),
    leaderElection: present(4, leaderElection, "How replicas choose the one that works."),
    clientConnection: present(5, clientConnection, "How to reach the API server."),
    enableProfiling: optional(8, boolean(), "Accepted; there is no profiling."),
    enableContentionProfiling: optional(9, boolean(), "Accepted; there is no profiling."),
    percentageOfNodesToScore: optional(10, int32(), "Accepted; all nodes are looked at."),
    podInitialBackoffSeconds: filled(1, required(11, int64(), "How long a pod waits after its first failure.")),
    podMaxBackoffSeconds: filled(10, required(12, int64(), "How long a pod waits at most.")),
    profiles: filled([{}], required(13, list(profile), "One for each name that pods may give.")),
    extenders: filled([], required(14, list(extender), "Servers that have a say.")),
    delayCacheUntilActive: optional(15, boolean(), "Accepted; caches are filled by the leader only."),
  }),
  (draft) => {
    if (draft.profiles.length === 1 && draft.profiles[0]?.schedulerName === "")
      draft.profiles[0].schedulerName = "default-scheduler";
  },
);
type Read = Infer<typeof schedulerConfiguration>;

/** With the plugins that work there, and all their arguments. */
export interface SchedulerProfile extends Omit<Infer<typeof profile>, "pluginConfig"> {
  readonly args: PluginArgs;
}

export interface SchedulerConfiguration extends Omit<Read, "profiles"> {
  readonly profiles: readonly SchedulerProfile[];
}
/** As it was read: the arguments of the plugins are not looked at yet. */
export interface RawConfiguration extends Read {}
