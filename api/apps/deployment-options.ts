// What a Deployment can ask for beyond Kubernetes, by annotations, and what the controllers note about it. Every name is here.
// A Deployment with none of them gets exactly what Kubernetes does. A wrong value is refused: a canary that is misspelt and
// ignored would be a rollout to every pod.

import type { Deployment } from "./deployment.ts";
import { when } from "../meta/field-checks.ts";
import { amountOf } from "../meta/int-or-percent.ts";
import { invalidField, type FieldError } from "../schema/field-error.ts";

const PREFIX = "kctl.dev/";

/** "true": a rollout that fails its progress deadline is undone. */
export const AUTOMATIC_ROLLBACK = "kctl.dev/automatic-rollback";
/** A number of pods or a percentage: a new template gets no more of them until its revision is promoted. */
export const CANARY = "kctl.dev/canary";
/** The number of the revision that may have all pods. Said by whoever promotes it. */
export const PROMOTED_REVISION = "kctl.dev/promoted-revision";
/** "true": a change of a ConfigMap or Secret that the template names is rolled out. */
export const FOLLOW_CONFIGURATION = "kctl.dev/roll-out-on-configuration-change";

/** Noted on the Deployment: which automatic rollback was the last, and which templates have failed. */
export const ROLLBACK_NOTE = "kctl.dev/last-rollback";
/** Noted on the Deployment: the snapshots that its template's configuration stands for. */
export const CONFIGURATION_NOTE = "kctl.dev/configuration";
/** A label of ReplicaSets whose pods have all been available: one can go back to them. */
export const COMPLETE_LABEL = "kctl.dev/complete";
/** On an immutable copy of a ConfigMap or Secret: the name of the original. */
export const SNAPSHOT_OF = "kctl.dev/snapshot-of";

/** What belongs to the Deployment as it is now: neither its ReplicaSets get it, nor does it go back with a template. */
export const DEPLOYMENT_NOTES: readonly string[] = [PROMOTED_REVISION, ROLLBACK_NOTE, CONFIGURATION_NOTE];

/** Conditions. "True": the template that failed was replaced; "False": it failed, and cannot be. */
export const ROLLBACK_CONDITION = "kctl.dev/RolledBack";
/** "True": all canaries are available; "False": they are on their way. */
export const CANARY_CONDITION = "kctl.dev/CanaryWaits";
/** "True": what the template names is there; "False": something of it is missing. */
export const CONFIGURATION_CONDITION = "kctl.dev/ConfigurationFound";
/** "True": an option has a value that cannot be read. */
export const INVALID_CONDITION = "kctl.dev/InvalidOptions";

interface Option {
  readonly accepts: RegExp;
  readonly wanted: string;
}

const onOff: Option = { accepts: /^(true|false)$/, wanted: 'must be "true" or "false"' };

const OPTIONS: Readonly<Record<string, Option>> = {
  [AUTOMATIC_ROLLBACK]: onOff,
  [FOLLOW_CONFIGURATION]: onOff,
  [CANARY]: {
    accepts: /^([0-9]{1,9}|[0-9]{1,2}%|100%)$/,
    wanted: 'must be a number of pods, such as "2", or a percentage of them up to 100%, such as "10%"',
  },
  [PROMOTED_REVISION]: {
    accepts: /^[0-9]{1,19}$/,
    wanted: 'must be the number of a revision, such as "3"; see "kubectl rollout history"',
  },
};

type Annotated = Pick<Deployment, "metadata">;

/** Only what this write says is judged: other API servers may have stored anything. */
export function validateOptions({ metadata }: Annotated, old?: Annotated): readonly FieldError[] {
  const { annotations = {} } = metadata;
  return Object.entries(OPTIONS).flatMap(([name, { accepts, wanted }]) => {
    const value = annotations[name];
    const isNew = value !== undefined && value !== old?.metadata.annotations?.[name];
    return when(isNew && !accepts.test(value), invalidField(pathOf(name), value, wanted));
  });
}

const NAMES: ReadonlySet<string> = new Set([...Object.keys(OPTIONS), ROLLBACK_NOTE, CONFIGURATION_NOTE]);
const pathOf = (name: string) => `metadata.annotations[${name}]`;

/** Kubernetes' way of saying "no deadline". */
const NO_DEADLINE = 2 ** 31 - 1;
const isOn = ({ metadata }: Annotated, name: string) => metadata.annotations?.[name] === "true";

/** What was asked for and will not happen. */
export function warnOfOptions({ metadata, spec }: Pick<Deployment, "metadata" | "spec">): readonly string[] {
  const { annotations = {} } = metadata;
  const unknown = Object.keys(annotations).filter((name) => name.startsWith(PREFIX) && !NAMES.has(name));
  const isVain = annotations[CANARY] !== undefined && spec.strategy.type === "Recreate";
  return [
    ...unknown.map(
      (name) => `${pathOf(name)}: unknown option of deployments; known are ${Object.keys(OPTIONS).join(", ")}`,
    ),
    ...(isOn({ metadata }, AUTOMATIC_ROLLBACK) && spec.progressDeadlineSeconds === NO_DEADLINE
      ? [`${pathOf(AUTOMATIC_ROLLBACK)}: has no effect without a progressDeadlineSeconds`]
      : []),
    ...(isVain ? [`${pathOf(CANARY)}: has no effect with the strategy Recreate`] : []),
  ];
}

/** What stored annotations say that is no accepted value: another API server may have let it in. */
export const misreadOptions = (deployment: Annotated): readonly string[] =>
  validateOptions(deployment).map(({ path, message }) => `${path}: ${message}`);

export const asksForRollback = (deployment: Annotated): boolean => isOn(deployment, AUTOMATIC_ROLLBACK);
export const followsConfiguration = (deployment: Annotated): boolean => isOn(deployment, FOLLOW_CONFIGURATION);
export const asksForCanary = ({ metadata }: Annotated): boolean => metadata.annotations?.[CANARY] !== undefined;

/**
 * How many of `total` pods may be canaries, a percentage rounded up; undefined where none are asked for. A value that cannot be
 * read stands for none at all, so that nothing is rolled out that somebody wanted to be held.
 */
export function canaryCount(deployment: Annotated, total: number): number | undefined {
  const value = deployment.metadata.annotations?.[CANARY];
  if (value === undefined) return undefined;
  if (!OPTIONS[CANARY]?.accepts.test(value)) return 0;
  return amountOf(value.endsWith("%") ? value : Number(value), total, Math.ceil);
}
