// Rules for ingress classes, from Kubernetes' validation.

import type { IngressClass, IngressClassParametersReference } from "./ingress-class.ts";
import { validateObjectReference } from "./validate-object-reference.ts";
import { checkUnchanged, when } from "../meta/field-checks.ts";
import { labelProblems, subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import {
  forbiddenField,
  invalidField,
  requiredField,
  tooLongField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const CONTROLLER_BYTES_MAX = 250;
const SCOPES = ["Cluster", "Namespace"];

export function validateIngressClass(ingressClass: IngressClass, old?: IngressClass): FieldError[] {
  const { controller = "", parameters } = ingressClass.spec;
  return [
    ...validateMetadata(ingressClass, old, { name: subdomainProblems, scope: "Cluster" }),
    ...(old ? checkUnchanged("spec.controller", controller, old.spec.controller ?? "") : []),
    ...when(
      Buffer.byteLength(controller) > CONTROLLER_BYTES_MAX,
      tooLongField("spec.controller", CONTROLLER_BYTES_MAX),
    ),
    ...checkDomainPrefixedPath("spec.controller", controller),
    ...(parameters ? validateParameters(parameters, "spec.parameters") : []),
  ];
}

const PATH_PATTERN = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const PATH_REGEXP = new RegExp(`^${PATH_PATTERN}$`);

/** Such as `example.com/ingress`. */
function checkDomainPrefixedPath(path: string, value: string): Errors {
  if (!value) return [requiredField(path)];
  const slash = value.indexOf("/");
  const [host, rest] = [value.slice(0, Math.max(slash, 0)), value.slice(slash + 1)];
  if (!host || !rest) {
    return [invalidField(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const pathProblem = `Invalid path (regex used for validation is '${PATH_PATTERN}')`;
  return [
    ...subdomainProblems(host).map((problem) => invalidField(path, host, problem)),
    ...when(!PATH_REGEXP.test(rest), invalidField(path, rest, pathProblem)),
  ];
}

function validateParameters(parameters: IngressClassParametersReference, path: string): Errors {
  return [...validateObjectReference(parameters, path), ...validateScope(parameters, path)];
}

function validateScope({ scope = "", namespace }: IngressClassParametersReference, path: string): Errors {
  switch (scope) {
    case "Cluster":
      return when(
        namespace !== undefined,
        forbiddenField(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"),
      );
    case "Namespace":
      if (namespace === undefined) {
        return [requiredField(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'")];
      }
      return labelProblems(namespace).map((problem) => invalidField(`${path}.namespace`, namespace, problem));
    default:
      return [unsupportedField(`${path}.scope`, scope, SCOPES)];
  }
}
