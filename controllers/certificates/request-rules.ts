// Which certificates Kubernetes' own signers issue: what each of them asks of a request before it signs. Pure.

import type { CertificateSigningRequest } from "../../api/certificates/certificate-signing-request.ts";
import type { RequestedCertificate } from "../../lib/certificate-request.ts";

export const KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";
const KUBELET_SERVING = "kubernetes.io/kubelet-serving";
const API_CLIENT = "kubernetes.io/kube-apiserver-client";
const LEGACY = "kubernetes.io/legacy-unknown";

/** What is wrong with a request for its signer; undefined where nothing is. */
type Rule = (asked: RequestedCertificate, usages: readonly string[]) => string | undefined;

const RULES: Readonly<Record<string, Rule | undefined>> = {
  [API_CLIENT]: (_, usages) => apiClientProblem(usages),
  [KUBELET_CLIENT]: kubeletClientProblem,
  [KUBELET_SERVING]: kubeletServingProblem,
  // From before there were names of signers: nothing is asked, as Kubernetes asks nothing.
  [LEGACY]: () => undefined,
};

/** Whether the signer is one of those that are built in. */
export const hasRules = (signerName: string): boolean => RULES[signerName] !== undefined;

export const requestProblem = (
  { signerName, usages = [] }: CertificateSigningRequest["spec"],
  asked: RequestedCertificate,
): string | undefined => RULES[signerName]?.(asked, usages);

/** Whether a request is for the certificate that a kubelet shows to the API server. */
export const isKubeletClient = (
  { signerName, usages = [] }: CertificateSigningRequest["spec"],
  asked: RequestedCertificate,
): boolean => signerName === KUBELET_CLIENT && kubeletClientProblem(asked, usages) === undefined;

function apiClientProblem(usages: readonly string[]): string | undefined {
  const allowed = ["digital signature", "key encipherment", "client auth"];
  const foreign = usages.find((usage) => !allowed.includes(usage));
  if (foreign !== undefined) return `invalid usage for client certificate: ${foreign}`;
  return usages.includes("client auth") ? undefined : "missing required usage for client certificate: client auth";
}

function kubeletClientProblem({ subject, names }: RequestedCertificate, usages: readonly string[]): string | undefined {
  if (!isOfNodes(subject)) return "subject organization is not system:nodes";
  if (names.dns.length > 0) return "DNS subjectAltNames are not allowed";
  if (names.emails.length > 0) return "Email subjectAltNames are not allowed";
  if (names.addresses.length > 0) return "IP subjectAltNames are not allowed";
  if (names.uris.length > 0) return "URI subjectAltNames are not allowed";
  if (!isNodeName(subject)) return "subject common name does not begin with system:node:";
  return usagesProblem(usages, "client auth");
}

function kubeletServingProblem(
  { subject, names }: RequestedCertificate,
  usages: readonly string[],
): string | undefined {
  if (!isOfNodes(subject)) return "subject organization is not system:nodes";
  if (names.dns.length === 0 && names.addresses.length === 0) return "DNS or IP subjectAltName is required";
  if (names.emails.length > 0) return "Email subjectAltNames are not allowed";
  if (names.uris.length > 0) return "URI subjectAltNames are not allowed";
  const problem = usagesProblem(usages, "server auth");
  if (problem) return problem;
  return isNodeName(subject) ? undefined : "subject common name does not begin with system:node:";
}

type Subject = RequestedCertificate["subject"];

const isOfNodes = ({ organization = [] }: Subject) => organization.length === 1 && organization[0] === "system:nodes";
const isNodeName = ({ commonName = [] }: Subject) => commonName[0]?.startsWith("system:node:") ?? false;

/** Keys that are not of RSA have no use for the encipherment. */
function usagesProblem(usages: readonly string[], purpose: string): string | undefined {
  const wanted = [purpose, "digital signature", "key encipherment"].sort();
  const optional = "key encipherment";
  const given = new Set(usages);
  const isComplete = wanted.every((usage) => usage === optional || given.has(usage));
  const isExact = isComplete && [...given].every((usage) => wanted.includes(usage));
  return isExact ? undefined : `usages did not match [${wanted.join(" ")}]`;
}
