// Rules for ingresses, from Kubernetes' validation.

import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressLoadBalancerIngress,
  IngressRule,
  IngressServiceBackend,
  IngressTLS,
} from "./ingress.ts";
import { validateObjectReference } from "./validate-object-reference.ts";
import { checkFormat, checkPortNumber, checkRequiredFormat, eachItem, when } from "../meta/field-checks.ts";
import { checkIp } from "../meta/ip-address.ts";
import { looksLikeIp } from "../meta/ip-range.ts";
import { portNameProblems, serviceNameProblems, subdomainProblems, wildcardSubdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, requiredField, unsupportedField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
/** What could make a path mean another one. */
const PATH_SEQUENCES = ["//", "/./", "/../", "%2f", "%2F"];
const PATH_ENDINGS = ["/..", "/."];
const NO_ADDRESS = "must be a DNS name, not an IP address";

export function validateIngress(ingress: Ingress, old?: Ingress): FieldError[] {
  const { defaultBackend, rules = [], tls, ingressClassName } = ingress.spec;
  const isEmpty = rules.length === 0 && !defaultBackend;
  const hadBadSecret = old?.spec.tls?.some(({ secretName }) => secretName && subdomainProblems(secretName).length > 0);
  return [
    ...validateMetadata(ingress, old, { name: subdomainProblems }),
    ...when(
      isEmpty,
      invalidField("spec", ingress.spec.rules ?? null, "either `defaultBackend` or `rules` must be specified"),
    ),
    ...(defaultBackend ? validateBackend(defaultBackend, "spec.defaultBackend") : []),
    ...eachItem(rules, "spec.rules", validateRule),
    ...eachItem(tls, "spec.tls", (entry, at) => [
      ...eachItem(entry.hosts, `${at}.hosts`, (host, hostAt) => checkHost(hostAt, host)),
      ...(hadBadSecret ? [] : checkSecretName(entry, at)),
    ]),
    ...(ingressClassName === undefined
      ? []
      : subdomainProblems(ingressClassName).map((problem) =>
          invalidField("spec.ingressClassName", ingressClassName, problem),
        )),
    ...(old ? [] : validateClassAnnotation(ingress)),
    ...eachItem(ingress.status.loadBalancer.ingress, "status.loadBalancer.ingress", validateEntryPoint),
  ];
}

/** Clients of before there were classes name theirs in an annotation. */
function validateClassAnnotation({ metadata, spec }: Ingress): Errors {
  const value = metadata.annotations?.[CLASS_ANNOTATION];
  const disagrees = value !== undefined && spec.ingressClassName !== undefined && value !== spec.ingressClassName;
  const problem = "must match `ingressClassName` when both are specified";
  return when(disagrees, invalidField(`annotations.${CLASS_ANNOTATION}`, value, problem));
}

const checkSecretName = ({ secretName }: IngressTLS, path: string): Errors =>
  checkFormat(`${path}.secretName`, secretName, subdomainProblems);

function checkHost(path: string, host: string): Errors {
  const problems = host.includes("*") ? wildcardSubdomainProblems(host) : subdomainProblems(host);
  return problems.map((problem) => invalidField(path, host, problem));
}

function validateRule({ host, http }: IngressRule, path: string): Errors {
  const hostErrors = host
    ? [...when(looksLikeIp(host), invalidField(`${path}.host`, host, NO_ADDRESS)), ...checkHost(`${path}.host`, host)]
    : [];
  if (!http) return hostErrors;
  return [
    ...hostErrors,
    ...when(!http.paths?.length, requiredField(`${path}.http.paths`)),
    ...eachItem(http.paths, `${path}.http.paths`, validatePath),
  ];
}

function validatePath({ path: text = "", pathType, backend }: HTTPIngressPath, path: string): Errors {
  if (!pathType) return [requiredField(`${path}.pathType`, "pathType must be specified")];
  return [...validatePathText(text, pathType, path), ...validateBackend(backend, `${path}.backend`)];
}

function validatePathText(text: string, pathType: string, path: string): Errors {
  const refuse = (problem: string) => invalidField(`${path}.path`, text, problem);
  const isRelative = !text.startsWith("/");
  switch (pathType) {
    case "Exact":
    case "Prefix":
      return [
        ...when(isRelative, refuse("must be an absolute path")),
        ...PATH_SEQUENCES.filter((each) => text.includes(each)).map((each) => refuse(`must not contain '${each}'`)),
        ...PATH_ENDINGS.filter((each) => text.endsWith(each)).map((each) => refuse(`cannot end with '${each}'`)),
      ];
    case "ImplementationSpecific":
      return when(text && isRelative, refuse("must be an absolute path"));
    default:
      return [unsupportedField(`${path}.pathType`, pathType, PATH_TYPES)];
  }
}

function validateBackend({ resource, service }: IngressBackend, path: string): Errors {
  if (resource && service) return [invalidField(path, "", "cannot set both resource and service backends")];
  if (resource) return validateObjectReference(resource, `${path}.resource`);
  if (service) return validateServiceBackend(service, path);
  return [invalidField(path, "", "resource or service backend is required")];
}

function validateServiceBackend({ name, port }: IngressServiceBackend, path: string): Errors {
  const nameErrors = checkRequiredFormat(`${path}.service.name`, name, serviceNameProblems);
  const number = port.number ?? 0;
  if (port.name && number) return [...nameErrors, invalidField(path, "", "cannot set both port name & port number")];
  if (port.name) return [...nameErrors, ...checkFormat(`${path}.service.port.name`, port.name, portNameProblems)];
  if (number) return [...nameErrors, ...checkPortNumber(`${path}.service.port.number`, number)];
  return [...nameErrors, requiredField(path, "port name or number is required")];
}

function validateEntryPoint({ ip, hostname }: IngressLoadBalancerIngress, path: string): Errors {
  return [
    ...(ip ? checkIp(`${path}.ip`, ip) : []),
    ...checkFormat(`${path}.hostname`, hostname, subdomainProblems),
    ...when(hostname && looksLikeIp(hostname), invalidField(`${path}.hostname`, hostname, NO_ADDRESS)),
  ];
}
