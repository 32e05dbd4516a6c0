// Rules for events, from Kubernetes' validation. Those that carry an event time are of the newer form, which asks for more.
// The group events.k8s.io has further rules, beside its own kind.

import type { Event } from "./event.ts";
import { checkRequired, when } from "../meta/field-checks.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { labelProblems, pathSegmentProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const WORD_LENGTH_MAX = 128;
const MESSAGE_LENGTH_MAX = 1024;

export function validateEvent(event: Event, old?: Event): FieldError[] {
  return [
    ...validateMetadata(event, old, { name: pathSegmentProblems }),
    ...validateEventForm(event, "reportingComponent"),
  ];
}

/** What holds in every version; `reporter` is what the version calls the reporting controller. */
export function validateEventForm(event: Event, reporter: string): Errors {
  return [
    ...(event.eventTime ? validateNewForm(event, reporter) : validateOldForm(event)),
    ...labelProblems(event.metadata.namespace ?? "").map((problem) =>
      invalidField("namespace", event.metadata.namespace, problem),
    ),
  ];
}

/** An event lies beside the object that it is about; those about cluster-wide objects lie in `default`. */
function validateOldForm({ metadata, involvedObject }: Event): Errors {
  const namespace = involvedObject?.namespace ?? "";
  return checkPlace(namespace, metadata.namespace === (namespace || "default"));
}

const checkPlace = (namespace: string, isRight: boolean): Errors =>
  when(!isRight, invalidField("involvedObject.namespace", namespace, "does not match event.namespace"));

function validateNewForm(event: Event, reporter: string): Errors {
  const { metadata, involvedObject, reportingComponent = "", reportingInstance, action, reason, message } = event;
  const isForCluster = metadata.namespace === "default" || metadata.namespace === "kube-system";
  return [
    ...checkPlace("", Boolean(involvedObject?.namespace) || isForCluster),
    ...checkRequired(reporter, reportingComponent),
    ...qualifiedNameProblems(reportingComponent).map((problem) => invalidField(reporter, reportingComponent, problem)),
    ...checkWord("reportingInstance", reportingInstance),
    ...checkWord("action", action),
    ...checkWord("reason", reason),
    ...when(
      (message ?? "").length > MESSAGE_LENGTH_MAX,
      invalidField("message", "", `can have at most ${MESSAGE_LENGTH_MAX} characters`),
    ),
  ];
}

function checkWord(path: string, value: string | undefined): Errors {
  const problem = `can have at most ${WORD_LENGTH_MAX} characters`;
  return [
    ...checkRequired(path, value),
    ...when((value ?? "").length > WORD_LENGTH_MAX, invalidField(path, "", problem)),
  ];
}
