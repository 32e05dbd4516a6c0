// The columns of `kctl get certificatesigningrequests`.

import type { CertificateSigningRequest } from "./certificate-signing-request.ts";
import { humanDuration } from "../meta/human-duration.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { Column } from "../resource.ts";

export const requestColumns: readonly Column<CertificateSigningRequest>[] = [
  nameColumn,
  ageColumn,
  column("SignerName", { description: "Who is to sign it." }, ({ spec }) => spec.signerName || "<none>"),
  column("Requestor", { description: "The user who made the request." }, ({ spec }) => spec.username ?? ""),
  column("RequestedDuration", { description: "How long the certificate should be good for." }, ({ spec }) =>
    spec.expirationSeconds === undefined ? "<none>" : humanDuration(spec.expirationSeconds * 1000),
  ),
  column("Condition", { description: "What became of the request." }, ({ status }) => requestState(status)),
];

/** `Approved,Issued` */
export function requestState(status: CertificateSigningRequest["status"]): string {
  const types = new Set(status.conditions?.map(({ type }) => type));
  const decision = types.has("Denied") ? "Denied" : types.has("Approved") ? "Approved" : "Pending";
  return [decision, ...(types.has("Failed") ? ["Failed"] : []), ...(status.certificate ? ["Issued"] : [])].join(",");
}
