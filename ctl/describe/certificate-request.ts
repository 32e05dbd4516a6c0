// The description of requests for certificates: who asks, whom for, and what became of it. Pure.

import { requestState } from "../../api/certificates/certificate-request-columns.ts";
import type { CertificateSigningRequest } from "../../api/certificates/certificate-signing-request.ts";
import { humanDuration } from "../../api/meta/human-duration.ts";
import { readCertificateRequest } from "../../lib/certificate-request.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { textAt, type AnyObject } from "../any-object.ts";
import type { Describer } from "./describer.ts";
import { eventLines } from "./events.ts";
import { renderMap, renderTime, type Lines } from "./text.ts";

export const certificateRequestDescriber: Describer = {
  describe: ({ object, events, nowMs }) => [
    `Name:\t${object.metadata.name ?? ""}`,
    `Labels:\t${renderMap(object, "metadata", "labels")}`,
    `Annotations:\t${renderMap(object, "metadata", "annotations")}`,
    `CreationTimestamp:\t${renderTime(object.metadata.creationTimestamp)}`,
    `Requesting User:\t${textAt(object, "spec", "username")}`,
    ...given("Signer", textAt(object, "spec", "signerName")),
    ...given("Requested Duration", durationOf(object)),
    `Status:\t${requestState((object as { readonly status?: CertificateSigningRequest["status"] }).status ?? {})}`,
    ...askedLines(textAt(object, "spec", "request")),
    ...eventLines(events, nowMs),
  ],
};

const given = (title: string, text: string): Lines => (text === "" ? [] : [`${title}:\t${text}`]);

function durationOf(object: AnyObject): string {
  const seconds = textAt(object, "spec", "expirationSeconds");
  return seconds === "" ? "" : humanDuration(Number(seconds) * 1000);
}

function askedLines(request: string): Lines {
  try {
    const { subject, names } = readCertificateRequest(Buffer.from(request, "base64").toString("latin1"));
    const alternatives = [
      ...listLines("DNS Names", names.dns),
      ...listLines("Email Addresses", names.emails),
      ...listLines("URIs", names.uris),
      ...listLines("IP Addresses", names.addresses),
    ];
    return [
      "Subject:",
      `\tCommon Name:\t${subject.commonName?.[0] ?? ""}`,
      `\tSerial Number:\t${subject.serialNumber?.[0] ?? ""}`,
      ...listLines("Organization", subject.organization),
      ...listLines("Organizational Unit", subject.organizationalUnit),
      ...listLines("Country", subject.country),
      ...listLines("Locality", subject.locality),
      ...listLines("Province", subject.province),
      ...listLines("StreetAddress", subject.streetAddress),
      ...listLines("PostalCode", subject.postalCode),
      ...(alternatives.length > 0 ? ["Subject Alternative Names:", ...alternatives] : []),
    ];
  } catch (error) {
    return [`Subject:\t<unknown>: ${errorMessage(error)}`];
  }
}

/** One value to a line, below each other. */
const listLines = (title: string, values: readonly string[] = []): Lines =>
  values.map((value, index) => `\t${index === 0 ? `${title}:` : ""}\t${value}`);
