// Rules for events, from Kubernetes' validation. Those that carry an event time are of the newer form, which asks for more.

import type { Event } from "./event.ts";
import { checkRequired, checkRequiredFormat, when } from "../meta/field-checks.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const WORD_LENGTH_MAX = 128;
const MESSAGE_LENGTH_MAX = 1024;

export function validateEvent(event: Event, old?: Event): FieldError[] {
  return [
    ...validateMetadata(event, old, { name: subdomainProblems }),
    ...validateNamespace(event),
    ...(event.eventTime && !old ? validateNewForm(event) : []),
  ];
}

/** An event lies beside the object that it is about; those about cluster-wide objects lie in `default`. */
function validateNamespace({ metadata, involvedObject }: Event): Errors {
  const namespace = involvedObject?.namespace ?? "";
  const matches = namespace ? metadata.namespace === namespace : metadata.namespace === "default";
  const problem = "does not match event.namespace";
  return when(!matches, invalidField("involvedObject.namespace", namespace, problem));
}

function validateNewForm({ reportingComponent, reportingInstance, action, reason, message }: Event): Errors {
  return [
    ...checkRequiredFormat("reportingController", reportingComponent, qualifiedNameProblems),
    ...checkWord("reportingInstance", reportingInstance),
    ...checkWord("action", action),
    ...checkWord("reason", reason),
    ...when(
      (message ?? "").length > MESSAGE_LENGTH_MAX,
      invalidField("message", message, `can have at most ${MESSAGE_LENGTH_MAX} characters`),
    ),
  ];
}

function checkWord(path: string, value: string | undefined): Errors {
  const problem = `can have at most ${WORD_LENGTH_MAX} characters`;
  return [
    ...checkRequired(path, value),
    ...when((value ?? "").length > WORD_LENGTH_MAX, invalidField(path, value, problem)),
  ];
}
