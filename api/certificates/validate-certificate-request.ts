// Rules for certificate requests, from Kubernetes' validation.

import type { CertificateSigningRequest, CertificateSigningRequestCondition } from "./certificate-signing-request.ts";
import { validateSignerName } from "./validate-signer-name.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import {
  duplicateField,
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";
import { certificateRequestProblem } from "../../lib/certificate-request.ts";
import { pemBlocks } from "../../lib/pem.ts";
import { isCertificate } from "../../lib/x509.ts";

type Errors = readonly FieldError[];

const CONDITIONS = "status.conditions";
const CERTIFICATE = "status.certificate";
const EXPIRATION_SECONDS_MIN = 600;
const DECISIONS = ["Approved", "Denied"];
/** Conditions that, once set, cannot be taken back. */
const FINAL = [...DECISIONS, "Failed"];

/** The rules for creation, updates and writes of the status. */
export function validateCertificateRequest(
  request: CertificateSigningRequest,
  old?: CertificateSigningRequest,
): FieldError[] {
  return [...validateRequest(request, old), ...(old ? checkNoDecision(request, old) : [])];
}

/** The rules for writes of the approval, which alone may add a decision. */
export function validateApproval(request: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] {
  return [...validateRequest(request, old)];
}

function validateRequest(request: CertificateSigningRequest, old: CertificateSigningRequest | undefined): Errors {
  const { spec, status } = request;
  return [
    ...validateMetadata(request, old, { name: () => [], scope: "Cluster" }),
    ...validateSpec(spec),
    ...validateConditions(status.conditions),
    ...checkCertificate(status.certificate),
    ...(old ? checkKept(request, old) : []),
  ];
}

function validateSpec(spec: CertificateSigningRequest["spec"]): Errors {
  const { request, usages = [], signerName, expirationSeconds } = spec;
  const problem = certificateRequestProblem(Buffer.from(request, "base64").toString("latin1"));
  const tooShort = "may not specify a duration less than 600 seconds (10 minutes)";
  return [
    ...(problem ? [invalidField("spec.request", request, problem)] : []),
    ...when(usages.length === 0, requiredField("spec.usages")),
    ...eachItem(usages, "spec.usages", (usage, at, index) =>
      when(usages.indexOf(usage) < index, duplicateField(at, usage)),
    ),
    ...validateSignerName("spec.signerName", signerName),
    ...when(
      expirationSeconds !== undefined && expirationSeconds < EXPIRATION_SECONDS_MIN,
      invalidField("spec.expirationSeconds", expirationSeconds, tooShort),
    ),
  ];
}

function validateConditions(conditions: readonly CertificateSigningRequestCondition[] | undefined): Errors {
  const seen = new Set<string>();
  return eachItem(conditions, CONDITIONS, ({ type, status }, at) => {
    const isRepeated = seen.has(type);
    const contradicts = DECISIONS.includes(type) && DECISIONS.some((other) => other !== type && seen.has(other));
    seen.add(type);
    const problem = "Approved and Denied conditions are mutually exclusive";
    return [
      ...when(!type, requiredField(`${at}.type`)),
      ...checkStatus(`${at}.status`, status, FINAL.includes(type) ? ["True"] : ["False", "True", "Unknown"]),
      ...when(contradicts, invalidField(`${at}.type`, type, problem)),
      ...when(isRepeated, duplicateField(`${at}.type`, type)),
    ];
  });
}

function checkStatus(path: string, status: string, allowed: readonly string[]): Errors {
  if (!status) return [requiredField(path)];
  return when(!allowed.includes(status), unsupportedField(path, status, allowed));
}

function checkCertificate(certificate: string | undefined): Errors {
  const problem = certificate ? certificateProblem(Buffer.from(certificate, "base64").toString("latin1")) : undefined;
  return problem ? [invalidField(CERTIFICATE, "<certificate data>", problem)] : [];
}

function certificateProblem(text: string): string | undefined {
  const blocks = pemBlocks(text);
  if (blocks.length === 0) return "must contain at least one CERTIFICATE PEM block";
  for (const { label, hasHeaders, der } of blocks) {
    if (label !== "CERTIFICATE") return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(label)}`;
    if (hasHeaders) return "no PEM block headers are permitted";
    if (!isCertificate(der)) return "x509: malformed certificate";
  }
  return undefined;
}

const countOf = ({ status }: CertificateSigningRequest, type: string): number =>
  status.conditions?.filter((each) => each.type === type).length ?? 0;

/** What has been decided, and what has been issued, stays. */
function checkKept(request: CertificateSigningRequest, old: CertificateSigningRequest): Errors {
  const before = old.status.certificate ?? "";
  const isReissued = before !== "" && (request.status.certificate ?? "") !== before;
  return [
    ...FINAL.filter((type) => countOf(request, type) < countOf(old, type)).map((type) =>
      forbiddenField(CONDITIONS, `updates may not remove a condition of type ${JSON.stringify(type)}`),
    ),
    ...when(isReissued, forbiddenField(CERTIFICATE, "updates may not modify existing certificate content")),
  ];
}

function checkNoDecision(request: CertificateSigningRequest, old: CertificateSigningRequest): Errors {
  return DECISIONS.filter((type) => countOf(request, type) > countOf(old, type)).map((type) =>
    forbiddenField(CONDITIONS, `updates may not add a condition of type ${JSON.stringify(type)}`),
  );
}
