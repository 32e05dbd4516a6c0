// The rules for names of signers, such as kubernetes.io/kubelet-serving, from Kubernetes' validation.

import { when } from "../meta/field-checks.ts";
import { labelProblems, subdomainProblems, type Format } from "../meta/names.ts";
import { invalidField, requiredField, tooLongField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const DOMAIN_BYTES_MAX = 253;
/** A domain, a slash, and a path that may name a namespace and an object. */
const NAME_BYTES_MAX = DOMAIN_BYTES_MAX + 1 + 253 + 1 + 63;
/** What requests of the beta API without a signer got. */
const LEGACY = "kubernetes.io/legacy-unknown";

export function validateSignerName(path: string, name: string): Errors {
  if (!name) return [requiredField(path)];
  if (name === LEGACY) {
    return [invalidField(path, name, "the legacy signerName is not allowed via this API version")];
  }
  const segments = name.split("/");
  if (segments.length !== 2) {
    const problem = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalidField(path, name, problem)];
  }
  const [domain = "", rest = ""] = segments;
  const domainLabels = domain.split(".");
  return [
    ...when(Buffer.byteLength(domain) > DOMAIN_BYTES_MAX, tooLongField(path, DOMAIN_BYTES_MAX)),
    ...checkLabels(path, domain, labelProblems),
    ...when(
      domainLabels.length < 2,
      invalidField(path, domain, "should be a domain with at least two segments separated by dots"),
    ),
    ...checkLabels(path, rest, subdomainProblems),
    ...when(Buffer.byteLength(name) > NAME_BYTES_MAX, tooLongField(path, NAME_BYTES_MAX)),
  ];
}

function checkLabels(path: string, segment: string, format: Format): Errors {
  return segment
    .split(".")
    .flatMap((label) =>
      format(label).map((problem) =>
        invalidField(path, segment, `validating label ${JSON.stringify(label)}: ${problem}`),
      ),
    );
}
