// Rules for API services, from Kubernetes' validation.

import type { APIService, APIServiceSpec, APIServiceStatus, ServiceReference } from "./api-service.ts";
import { checkFormat, checkPortNumber, checkRequired, eachItem, when } from "../meta/field-checks.ts";
import { pathSegmentProblems, serviceNameProblems, subdomainProblems, type Format } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, requiredField, unsupportedField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const GROUP_PRIORITY_MAX = 20_000;
const VERSION_PRIORITY_MAX = 1000;
const STATUSES = ["True", "False", "Unknown"];

export function validateApiService(service: APIService, old?: APIService): FieldError[] {
  const { spec } = service;
  const wanted = `${spec.version ?? ""}.${spec.group ?? ""}`;
  const name: Format = (text) => {
    const problems = pathSegmentProblems(text);
    if (problems.length > 0) return problems;
    return text === wanted ? [] : [`must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`];
  };
  const rules = { name, scope: "Cluster" } as const;
  return [
    // The name follows from the spec, which can change, so it is looked at again each time.
    ...(old ? validateMetadata(service, old, rules) : []),
    ...validateMetadata(service, undefined, rules),
    ...validateSpec(spec),
    ...validateStatus(service.status),
  ];
}

function validateSpec({ group, version = "", ...spec }: APIServiceSpec): Errors {
  const { groupPriorityMinimum, versionPriority, service } = spec;
  return [
    ...when(
      !group && version !== "v1",
      requiredField("spec.group", "only v1 may have an empty group and it better be legacy kube"),
    ),
    ...checkFormat("spec.group", group, subdomainProblems),
    ...serviceNameProblems(version).map((problem) => invalidField("spec.version", version, problem)),
    ...when(
      groupPriorityMinimum <= 0 || groupPriorityMinimum > GROUP_PRIORITY_MAX,
      invalidField("spec.groupPriorityMinimum", groupPriorityMinimum, "must be positive and less than 20000"),
    ),
    ...when(
      versionPriority <= 0 || versionPriority > VERSION_PRIORITY_MAX,
      invalidField("spec.versionPriority", versionPriority, "must be positive and less than 1000"),
    ),
    ...(service ? validateRemote(service, spec) : validateLocal(spec)),
  ];
}

type Trust = Pick<APIServiceSpec, "caBundle" | "insecureSkipTLSVerify">;

function validateLocal({ caBundle, insecureSkipTLSVerify }: Trust): Errors {
  const bytes = Buffer.from(caBundle ?? "", "base64").length;
  return [
    ...when(bytes, invalidField("spec.caBundle", `${bytes} bytes`, "local APIServices may not have a caBundle")),
    ...when(
      insecureSkipTLSVerify,
      invalidField("spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify"),
    ),
  ];
}

function validateRemote({ namespace, name, port }: ServiceReference, trust: Trust): Errors {
  const { caBundle, insecureSkipTLSVerify } = trust;
  return [
    ...checkRequired("spec.service.namespace", namespace ?? ""),
    ...checkRequired("spec.service.name", name ?? ""),
    ...when(
      checkPortNumber("spec.service.port", port).length > 0,
      invalidField("spec.service.port", port, "port is not valid: must be between 1 and 65535, inclusive"),
    ),
    ...when(
      insecureSkipTLSVerify && caBundle,
      invalidField("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present"),
    ),
  ];
}

function validateStatus({ conditions }: APIServiceStatus): Errors {
  return eachItem(conditions, "status.conditions", ({ status }, at) =>
    when(!STATUSES.includes(status), unsupportedField(`${at}.status`, status, STATUSES)),
  );
}
