// The commands of kctl, in the order in which help lists them. Adding one is a file of its own and an entry here. Each is loaded
// only when it runs: that is what keeps the start short.

import type { CommandEntry } from "../command.ts";

export const commands: readonly CommandEntry[] = [
  {
    name: "apply",
    summary: "Make the cluster what manifests say",
    load: async () => (await import("./apply.ts")).apply,
  },
  {
    name: "create",
    summary: "Create objects from manifests or from flags",
    load: async () => (await import("./create.ts")).create,
  },
  {
    name: "create configmap",
    aliases: ["create cm"],
    summary: "Create a ConfigMap from files and literals",
    load: async () => (await import("./create-config-map.ts")).createConfigMap,
  },
  {
    name: "create cronjob",
    aliases: ["create cj"],
    summary: "Create a CronJob that runs an image at the times of a schedule",
    load: async () => (await import("./create-cron-job.ts")).createCronJob,
  },
  {
    name: "create deployment",
    aliases: ["create deploy"],
    summary: "Create a Deployment that runs an image",
    load: async () => (await import("./create-deployment.ts")).createDeployment,
  },
  {
    name: "create job",
    summary: "Create a Job that runs an image to its end, or once for a CronJob",
    load: async () => (await import("./create-job.ts")).createJob,
  },
  {
    name: "create namespace",
    aliases: ["create ns"],
    summary: "Create a Namespace",
    load: async () => (await import("./create-namespace.ts")).createNamespace,
  },
  {
    name: "create poddisruptionbudget",
    aliases: ["create pdb"],
    summary: "Create a PodDisruptionBudget",
    load: async () => (await import("./create-disruption-budget.ts")).createDisruptionBudget,
  },
  {
    name: "create priorityclass",
    aliases: ["create pc"],
    summary: "Create a PriorityClass",
    load: async () => (await import("./create-priority-class.ts")).createPriorityClass,
  },
  {
    name: "create quota",
    aliases: ["create resourcequota"],
    summary: "Create a ResourceQuota",
    load: async () => (await import("./create-quota.ts")).createQuota,
  },
  {
    name: "create secret generic",
    summary: "Create a Secret from files and literals",
    load: async () => (await import("./create-secret.ts")).createSecretGeneric,
  },
  {
    name: "create secret tls",
    summary: "Create a Secret from a certificate and its key",
    load: async () => (await import("./create-secret.ts")).createSecretTls,
  },
  {
    name: "create secret docker-registry",
    summary: "Create a Secret from a registry account",
    load: async () => (await import("./create-secret.ts")).createSecretDockerRegistry,
  },
  {
    name: "create service clusterip",
    aliases: ["create svc clusterip"],
    summary: "Create a Service with an address inside the cluster",
    load: async () => (await import("./create-service.ts")).createServiceClusterIp,
  },
  {
    name: "create service nodeport",
    aliases: ["create svc nodeport"],
    summary: "Create a Service with a port on each node",
    load: async () => (await import("./create-service.ts")).createServiceNodePort,
  },
  {
    name: "create service loadbalancer",
    aliases: ["create svc loadbalancer"],
    summary: "Create a Service behind a load balancer",
    load: async () => (await import("./create-service.ts")).createServiceLoadBalancer,
  },
  {
    name: "create service externalname",
    aliases: ["create svc externalname"],
    summary: "Create a Service that stands for a name outside",
    load: async () => (await import("./create-service.ts")).createServiceExternalName,
  },
  {
    name: "create serviceaccount",
    aliases: ["create sa"],
    summary: "Create a ServiceAccount",
    load: async () => (await import("./create-service-account.ts")).createServiceAccount,
  },
  {
    name: "replace",
    summary: "Put manifests in the place of objects",
    load: async () => (await import("./replace.ts")).replace,
  },
  {
    name: "patch",
    summary: "Change fields of objects",
    load: async () => (await import("./patch.ts")).patch,
  },
  {
    name: "edit",
    summary: "Change objects in an editor",
    load: async () => (await import("./edit.ts")).edit,
  },
  {
    name: "diff",
    summary: "Show what apply would change",
    load: async () => (await import("./diff.ts")).diff,
  },
  {
    name: "delete",
    summary: "Delete objects by name, manifest or selector",
    load: async () => (await import("./delete.ts")).deleteCommand,
  },
  {
    name: "get",
    summary: "Show one or many objects",
    load: async () => (await import("./get.ts")).get,
  },
  {
    name: "describe",
    summary: "Show objects at length, with their events",
    load: async () => (await import("./describe.ts")).describe,
  },
  {
    name: "why",
    summary: "Say why a pod is pending, and what would help",
    load: async () => (await import("./why.ts")).why,
  },
  {
    name: "explain",
    summary: "Show what the fields of a kind mean",
    load: async () => (await import("./explain.ts")).explain,
  },
  {
    name: "logs",
    summary: "Print what a container prints",
    load: async () => (await import("./logs.ts")).logs,
  },
  {
    name: "exec",
    summary: "Run a program in a container",
    load: async () => (await import("./exec.ts")).exec,
  },
  {
    name: "attach",
    summary: "Join the streams of a running container",
    load: async () => (await import("./attach.ts")).attach,
  },
  {
    name: "port-forward",
    summary: "Forward local ports to a pod",
    load: async () => (await import("./port-forward.ts")).portForward,
  },
  {
    name: "scale",
    summary: "Change how many pods a workload has",
    load: async () => (await import("./scale.ts")).scale,
  },
  {
    name: "rollout status",
    summary: "Follow a rollout until it has finished",
    load: async () => (await import("./rollout-status.ts")).rolloutStatus,
  },
  {
    name: "rollout history",
    summary: "Show the revisions of a workload",
    load: async () => (await import("./rollout-history.ts")).rolloutHistory,
  },
  {
    name: "rollout undo",
    summary: "Go back to an earlier revision",
    load: async () => (await import("./rollout-undo.ts")).rolloutUndo,
  },
  {
    name: "rollout pause",
    summary: "Keep changes of a workload from rolling out",
    load: async () => (await import("./rollout-change.ts")).rolloutPause,
  },
  {
    name: "rollout resume",
    summary: "Let changes of a workload roll out again",
    load: async () => (await import("./rollout-change.ts")).rolloutResume,
  },
  {
    name: "rollout restart",
    summary: "Replace the pods of a workload one by one",
    load: async () => (await import("./rollout-change.ts")).rolloutRestart,
  },
  {
    name: "rollout promote",
    summary: "Give the revision of a canary all pods",
    load: async () => (await import("./rollout-change.ts")).rolloutPromote,
  },
  {
    name: "set image",
    summary: "Change the images of containers",
    load: async () => (await import("./set-image.ts")).setImage,
  },
  {
    name: "set env",
    summary: "Change the environment variables of containers",
    load: async () => (await import("./set-env.ts")).setEnv,
  },
  {
    name: "set resources",
    summary: "Change the requests and limits of containers",
    load: async () => (await import("./set-resources.ts")).setResources,
  },
  {
    name: "expose",
    summary: "Make a service for pods",
    load: async () => (await import("./expose.ts")).expose,
  },
  {
    name: "run",
    summary: "Run one pod",
    load: async () => (await import("./run.ts")).run,
  },
  {
    name: "label",
    summary: "Set and remove labels",
    load: async () => (await import("./label.ts")).label,
  },
  {
    name: "annotate",
    summary: "Set and remove annotations",
    load: async () => (await import("./annotate.ts")).annotate,
  },
  {
    name: "taint",
    summary: "Set and remove the taints of nodes",
    load: async () => (await import("./taint.ts")).taint,
  },
  {
    name: "certificate approve",
    summary: "Let signers issue the certificates that are asked for",
    load: async () => (await import("./certificate.ts")).certificateApprove,
  },
  {
    name: "certificate deny",
    summary: "Refuse to issue the certificates that are asked for",
    load: async () => (await import("./certificate.ts")).certificateDeny,
  },
  {
    name: "cordon",
    summary: "Keep new pods off nodes",
    load: async () => (await import("./cordon.ts")).cordon,
  },
  {
    name: "uncordon",
    summary: "Let nodes have new pods again",
    load: async () => (await import("./cordon.ts")).uncordon,
  },
  {
    name: "drain",
    summary: "Move the pods of nodes elsewhere",
    load: async () => (await import("./drain.ts")).drain,
  },
  {
    name: "wait",
    summary: "Wait until objects are in a state",
    load: async () => (await import("./wait.ts")).wait,
  },
  {
    name: "top nodes",
    aliases: ["top node", "top no"],
    summary: "Show what nodes use",
    load: async () => (await import("./top.ts")).topNodes,
  },
  {
    name: "top pods",
    aliases: ["top pod", "top po"],
    summary: "Show what pods use",
    load: async () => (await import("./top.ts")).topPods,
  },
  {
    name: "top schedulers",
    aliases: ["top scheduler"],
    summary: "Show how often schedulers get in each other's way",
    load: async () => (await import("./top-schedulers.ts")).topSchedulers,
  },
  {
    name: "auth whoami",
    summary: "Show who one is to the server",
    hidden: true,
    load: async () => (await import("./refused.ts")).authWhoami,
  },
  {
    name: "auth can-i",
    summary: "Show whether something is allowed",
    hidden: true,
    load: async () => (await import("./refused.ts")).authCanI,
  },
  {
    name: "cp",
    summary: "Copy files to and from containers",
    hidden: true,
    load: async () => (await import("./refused.ts")).cp,
  },
  {
    name: "up",
    summary: "Start a cluster on this machine",
    load: async () => (await import("./up.ts")).up,
  },
  {
    name: "down",
    summary: "Stop the cluster",
    load: async () => (await import("./down.ts")).down,
  },
  {
    name: "status",
    summary: "Show what runs of the cluster",
    load: async () => (await import("./status.ts")).status,
  },
  {
    name: "api-resources",
    summary: "Show the kinds that the server serves",
    load: async () => (await import("./api-resources.ts")).apiResources,
  },
  {
    name: "api-versions",
    summary: "Show the versions of the API that the server serves",
    load: async () => (await import("./api-versions.ts")).apiVersions,
  },
  {
    name: "cluster-info",
    summary: "Show where the control plane answers",
    load: async () => (await import("./cluster-info.ts")).clusterInfo,
  },
  {
    name: "config view",
    summary: "Show the kubeconfig",
    load: async () => (await import("./config.ts")).configView,
  },
  {
    name: "config current-context",
    summary: "Show the current context",
    load: async () => (await import("./config.ts")).configCurrentContext,
  },
  {
    name: "config use-context",
    summary: "Make a context the current one",
    load: async () => (await import("./config.ts")).configUseContext,
  },
  {
    name: "config get-contexts",
    summary: "Show the contexts",
    load: async () => (await import("./config.ts")).configGetContexts,
  },
  {
    name: "config set-context",
    summary: "Change or add a context",
    load: async () => (await import("./config.ts")).configSetContext,
  },
  {
    name: "completion",
    summary: "Print the shell's script for completing words",
    load: async () => (await import("./completion.ts")).completion,
  },
  {
    name: "__complete",
    summary: "Complete the last word",
    hidden: true,
    load: async () => (await import("./complete.ts")).complete,
  },
  {
    name: "version",
    summary: "Show the versions of kctl and of the server",
    load: async () => (await import("./version.ts")).version,
  },
];
