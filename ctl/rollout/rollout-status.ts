// How far the rollout of a workload is, in kubectl's words. Pure.

import type { Deployment } from "../../api/apps/deployment.ts";
import { CANARY_CONDITION, ROLLBACK_CONDITION } from "../../api/apps/deployment-options.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";

export interface RolloutState {
  readonly message: string;
  readonly done: boolean;
}

/** Throws CommandError for a rollout that has failed, and for kinds that have none. */
export function describeRollout(object: AnyObject, revision: number): RolloutState {
  const describe = DESCRIBERS[`${groupOf(object)}/${object.kind}`];
  if (describe) return describe(object as never, revision);
  const name = groupOf(object) ? `${object.kind}.${groupOf(object)}` : object.kind;
  throw new CommandError(`no status viewer has been implemented for ${name}`, { plain: true });
}

const groupOf = ({ apiVersion }: AnyObject) => (apiVersion.includes("/") ? apiVersion.split("/")[0] : "");

const DESCRIBERS: Readonly<Record<string, (object: never, revision: number) => RolloutState>> = {
  "apps/Deployment": describeDeployment,
  "apps/DaemonSet": describeDaemonSet,
  "apps/StatefulSet": describeStatefulSet,
};

const waiting = (message: string): RolloutState => ({ message, done: false });
const finished = (message: string): RolloutState => ({ message, done: true });

export const REVISION = "deployment.kubernetes.io/revision";

function describeDeployment(deployment: Deployment, revision: number): RolloutState {
  const { metadata, spec, status = {} } = deployment;
  const name = JSON.stringify(metadata.name);
  checkRevision(deployment, revision);
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0)) {
    return waiting("Waiting for deployment spec update to be observed...");
  }
  const progressing = status.conditions?.find(({ type }) => type === "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded") {
    throw new CommandError(`deployment ${name} exceeded its progress deadline`);
  }
  const state = describeReplicas(name, spec.replicas ?? 1, status);
  return { ...state, message: [state.message, ...optionLines(status)].join("\n") };
}

/** What kubectl cannot say: a canary waits for somebody, or what runs is not what was last asked for. */
const optionLines = ({ conditions = [] }: DeploymentStatus): readonly string[] =>
  conditions
    .filter(({ type, status }) => [CANARY_CONDITION, ROLLBACK_CONDITION].includes(type) && status === "True")
    .map(({ message = "" }) => message);

function checkRevision({ metadata }: Deployment, revision: number): void {
  const running = Number(metadata.annotations?.[REVISION] ?? 0);
  if (revision === 0 || revision === running) return;
  throw new CommandError(`desired revision (${revision}) is different from the running revision (${running})`);
}

type DeploymentStatus = NonNullable<Deployment["status"]>;

function describeReplicas(name: string, wanted: number, status: DeploymentStatus): RolloutState {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const start = `Waiting for deployment ${name} rollout to finish:`;
  if (updatedReplicas < wanted) {
    return waiting(`${start} ${updatedReplicas} out of ${wanted} new replicas have been updated...`);
  }
  if (replicas > updatedReplicas) {
    return waiting(`${start} ${replicas - updatedReplicas} old replicas are pending termination...`);
  }
  if (availableReplicas < updatedReplicas) {
    return waiting(`${start} ${availableReplicas} of ${updatedReplicas} updated replicas are available...`);
  }
  return finished(`deployment ${name} successfully rolled out`);
}

interface RollingUpdate {
  readonly type?: string;
  readonly rollingUpdate?: { readonly partition?: number };
}

interface DaemonSet extends KubeObject {
  readonly spec: { readonly updateStrategy?: RollingUpdate };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
  };
}

function requireRollingUpdate({ type = "RollingUpdate" }: RollingUpdate = {}): void {
  if (type !== "RollingUpdate") {
    throw new CommandError("rollout status is only available for RollingUpdate strategy type");
  }
}

function describeDaemonSet({ metadata, spec, status = {} }: DaemonSet): RolloutState {
  requireRollingUpdate(spec.updateStrategy);
  const name = JSON.stringify(metadata.name);
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0)) {
    return waiting("Waiting for daemon set spec update to be observed...");
  }
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled: updated = 0, numberAvailable = 0 } = status;
  const start = `Waiting for daemon set ${name} rollout to finish:`;
  if (updated < wanted) return waiting(`${start} ${updated} out of ${wanted} new pods have been updated...`);
  if (numberAvailable < wanted)
    return waiting(`${start} ${numberAvailable} of ${wanted} updated pods are available...`);
  return finished(`daemon set ${name} successfully rolled out`);
}

interface StatefulSet extends KubeObject {
  readonly spec: { readonly replicas?: number; readonly updateStrategy?: RollingUpdate };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly currentReplicas?: number;
    readonly currentRevision?: string;
    readonly updateRevision?: string;
  };
}

function describeStatefulSet({ metadata, spec, status = {} }: StatefulSet): RolloutState {
  requireRollingUpdate(spec.updateStrategy);
  const observed = status.observedGeneration ?? 0;
  if (observed === 0 || (metadata.generation ?? 0) > observed) {
    return waiting("Waiting for statefulset spec update to be observed...");
  }
  return describeStatefulReplicas(spec, status);
}

function describeStatefulReplicas(spec: StatefulSet["spec"], status: NonNullable<StatefulSet["status"]>): RolloutState {
  const { readyReplicas = 0, updatedReplicas = 0, currentReplicas = 0 } = status;
  const wanted = spec.replicas ?? 1;
  if (readyReplicas < wanted) return waiting(`Waiting for ${wanted - readyReplicas} pods to be ready...`);
  const rolling = spec.updateStrategy?.rollingUpdate;
  if (rolling) return describePartition(updatedReplicas, wanted - (rolling.partition ?? 0));
  if (status.updateRevision !== status.currentRevision) {
    return waiting(
      `waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${status.updateRevision}...`,
    );
  }
  return finished(
    `statefulset rolling update complete ${currentReplicas} pods at revision ${status.currentRevision}...`,
  );
}

function describePartition(updated: number, wanted: number): RolloutState {
  if (updated < wanted) {
    return waiting(
      `Waiting for partitioned roll out to finish: ${updated} out of ${wanted} new pods have been updated...`,
    );
  }
  return finished(`partitioned roll out complete: ${updated} new pods have been updated...`);
}
