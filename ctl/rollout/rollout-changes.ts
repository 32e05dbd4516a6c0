// Pausing, resuming, restarting and promoting rollouts. Pure.

import type { Deployment } from "../../api/apps/deployment.ts";
import { CANARY, CANARY_CONDITION, PROMOTED_REVISION } from "../../api/apps/deployment-options.ts";
import { formatTime } from "../../lib/clock.ts";
import { valueAt, type AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { qualifiedPlural } from "../resource-type.ts";
import { withMetadata } from "../changes/with-metadata.ts";
import type { SelectedObject } from "../select-objects.ts";
import { podSpecOf } from "../pods/pod-template.ts";
import { REVISION } from "./rollout-status.ts";

export type RolloutVerb = "pause" | "resume" | "restart" | "promote";

/** Throws CommandError where the object's kind, or its present state, does not allow it. */
export function planRolloutChange(verb: RolloutVerb, selected: SelectedObject, nowMs: number): AnyObject {
  switch (verb) {
    case "pause":
      return pause(selected);
    case "resume":
      return resume(selected);
    case "restart":
      return restart(selected, nowMs);
    case "promote":
      return promote(selected);
  }
}

const subjectOf = ({ type, name }: SelectedObject) => `${qualifiedPlural(type)} ${JSON.stringify(name)}`;
const isPaused = (object: AnyObject) => valueAt(object, "spec", "paused") === true;
const withSpec = (object: AnyObject, fields: object): AnyObject => ({
  ...object,
  spec: { ...(object.spec as object | undefined), ...fields },
});

function pause(selected: SelectedObject): AnyObject {
  const { object } = selected;
  if (object.kind !== "Deployment") throw new CommandError(`${subjectOf(selected)} pausing is not supported`);
  if (isPaused(object)) throw new CommandError(`${subjectOf(selected)} is already paused`);
  return withSpec(object, { paused: true });
}

function resume(selected: SelectedObject): AnyObject {
  const { object } = selected;
  if (object.kind !== "Deployment") throw new CommandError(`${subjectOf(selected)} resuming is not supported`);
  if (!isPaused(object)) throw new CommandError(`${subjectOf(selected)} is not paused`);
  const fields = Object.entries(object.spec as object).filter(([field]) => field !== "paused");
  return { ...object, spec: Object.fromEntries(fields) };
}

const RESTARTABLE = ["Deployment", "DaemonSet", "StatefulSet"];
const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";

/** The time in the template is what makes it another one. */
function restart(selected: SelectedObject, nowMs: number): AnyObject {
  const { object, name } = selected;
  if (!RESTARTABLE.includes(object.kind) || !podSpecOf(object)) {
    throw new CommandError(`${subjectOf(selected)} restarting is not supported`);
  }
  if (isPaused(object)) {
    throw new CommandError(`${subjectOf(selected)} can't restart paused deployment (run rollout resume first)`);
  }
  const template = valueAt(object, "spec", "template") as Readonly<Record<string, unknown>>;
  const metadata = (template.metadata ?? {}) as Readonly<Record<string, unknown>>;
  const annotations = (metadata.annotations ?? {}) as Readonly<Record<string, string>>;
  const restartedAt = formatTime(nowMs);
  if (annotations[RESTARTED_AT] === restartedAt) {
    throw new CommandError(
      `failed to create patch for ${name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`,
    );
  }
  return withSpec(object, {
    template: { ...template, metadata: { ...metadata, annotations: { ...annotations, [RESTARTED_AT]: restartedAt } } },
  });
}

/** The revision is named, so that nobody promotes what has come meanwhile. */
function promote(selected: SelectedObject): AnyObject {
  const { object } = selected;
  if (object.kind !== "Deployment") throw new CommandError(`${subjectOf(selected)} promoting is not supported`);
  const { metadata, status } = object as unknown as Deployment;
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0)) {
    throw new CommandError(
      `${subjectOf(selected)} has changes that are not being rolled out yet; try again in a moment`,
    );
  }
  const revision = metadata.annotations?.[REVISION];
  if (revision === undefined || !status.conditions?.some(({ type }) => type === CANARY_CONDITION)) {
    const hint = `one is asked for by the annotation ${CANARY}`;
    throw new CommandError(`${subjectOf(selected)} has no canary that could be promoted; ${hint}`);
  }
  return withMetadata(object, "annotations", { ...metadata.annotations, [PROMOTED_REVISION]: revision });
}
