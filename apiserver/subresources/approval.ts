// The approval subresource of certificate requests: the only way to approve or deny one. It changes nothing but conditions.

import { prepareApproval } from "../../api/certificates/certificate-request-strategy.ts";
import {
  certificateSigningRequests,
  type CertificateSigningRequest,
} from "../../api/certificates/certificate-signing-request.ts";
import { validateApproval } from "../../api/certificates/validate-certificate-request.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { invalid } from "../../api/meta/status.ts";
import { formatTime } from "../../lib/clock.ts";
import type { Answer } from "../answer.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import { readEntry } from "../registry/get.ts";
import { assertSameTarget } from "../registry/metadata.ts";
import { patched, readPatch } from "../registry/patch.ts";
import { readObject } from "../registry/request-object.ts";
import { modify } from "../registry/update.ts";
import type { Server } from "../server.ts";

/** Serves get, update and patch. */
export async function serveApproval(server: Server, request: ApiRequest): Promise<Answer> {
  const { method } = request.http;
  if (method === "GET") return { kind: "entry", entry: await readEntry(request) };
  const isPatch = method === "PATCH";
  const next = isPatch ? await nextByPatch(request) : await nextByUpdate(request);
  const prepare = (object: KubeObject, old: KubeObject) =>
    decide(object as CertificateSigningRequest, old as CertificateSigningRequest, formatTime(server.clock.now()));
  // The rules for updates would refuse what this is for, so it has its own.
  const modification = { next, prepare, isServersOwn: true, isUnconditional: isPatch };
  const { object } = await modify(server, request, modification);
  return { kind: "object", status: 200, object };
}

type Next = (old: KubeObject) => KubeObject;

async function nextByPatch(request: ApiRequest): Promise<Next> {
  const patch = await readPatch(request);
  return (old) => patched(request, { patch, old, kind: certificateSigningRequests });
}

async function nextByUpdate(request: ApiRequest): Promise<Next> {
  const sent = await readObject(request);
  assertSameTarget(sent.metadata ?? {}, { resource: request.served.resource, target: targetOf(request) });
  return () => sent;
}

function decide(sent: CertificateSigningRequest, old: CertificateSigningRequest, now: string): KubeObject {
  const decided = prepareApproval(sent, old, now);
  const errors = validateApproval(decided, old);
  if (errors.length > 0) throw invalid(certificateSigningRequests, old.metadata.name, errors);
  return decided;
}
