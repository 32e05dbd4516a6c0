// How frameworks speak: `offers/decline` and `frameworks/revive`, and what these have in common with `offers/accept`. Only the
// owner of a framework speaks for it, whoever else may write offers.

import { frameworks, type Framework } from "../../api/kctl-scheduling/framework.ts";
import {
  FILTER_SECONDS_MAX,
  frameworkRevival,
  offerRefusal,
  refusalKind,
  revivalKind,
} from "../../api/kctl-scheduling/offer-answer.ts";
import { offers, type Offer } from "../../api/kctl-scheduling/offer.ts";
import { withGeneration } from "../../api/meta/generation.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { conflict, forbidden, notFound, StatusError } from "../../api/meta/status.ts";
import { formatMicroTime } from "../../lib/clock.ts";
import type { Answer } from "../answer.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import { omit } from "../omit.ts";
import { ownersIn } from "../ownership/owners.ts";
import { decodeAs, readDryRun } from "../registry/request-object.ts";
import { transact } from "../registry/transact.ts";
import { planModification } from "../registry/update.ts";
import { objectOf, type View } from "../registry/view.ts";
import { readBody } from "../request-body.ts";
import type { Server } from "../server.ts";

export async function declineOffer(server: Server, request: ApiRequest): Promise<Answer> {
  const { filterSeconds } = await readAnswer(request, { ...refusalKind, schema: offerRefusal });
  await transact(
    server,
    async (view) => {
      await findOffered(server, request, view);
      const next = (offer: Offer) => closed(offer, { server, filterSeconds, phase: "Declined" });
      return planAnswer(server, request, { view, next });
    },
    { dryRun: readDryRun(request) },
  );
  return { kind: "data", status: 201, data: { ...typeOf(refusalKind), filterSeconds } };
}

export async function reviveFramework(server: Server, request: ApiRequest): Promise<Answer> {
  await readAnswer(request, { ...revivalKind, schema: frameworkRevival });
  await transact(
    server,
    async (view) => {
      const { name } = targetOf(request);
      const framework = await findFramework(server, view, name);
      if (!framework) throw notFound(frameworks, name);
      assertOwner(request, framework, { resource: frameworks, name });
      const next = (old: Framework) => revived(old, formatMicroTime(server.clock.now()));
      return planAnswer(server, request, { view, next });
    },
    { dryRun: readDryRun(request) },
  );
  return { kind: "data", status: 201, data: typeOf(revivalKind) };
}

interface AnswerKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: typeof offerRefusal | typeof frameworkRevival;
}

interface SentAnswer {
  readonly filterSeconds: number;
}

/** No body at all will do. Throws BadRequest for one that makes no sense. */
async function readAnswer(request: ApiRequest, kind: AnswerKind): Promise<SentAnswer> {
  const body = await readBody(request.http);
  const data = body.value === undefined ? { ...body, value: {} } : body;
  const sent = decodeAs<KubeObject & Partial<SentAnswer>>(request, data, kind);
  return { filterSeconds: checkedFilter(sent.filterSeconds) };
}

export function checkedFilter(seconds = 0): number {
  if (seconds >= 0 && seconds <= FILTER_SECONDS_MAX) return seconds;
  throw new StatusError("BadRequest", `filterSeconds: must be between 0 and ${FILTER_SECONDS_MAX}, and not ${seconds}`);
}

export const typeOf = ({ group, version, kind }: Omit<AnswerKind, "schema">) => ({
  apiVersion: `${group}/${version}`,
  kind,
});

export interface Offered {
  readonly offer: Offer;
  readonly framework: Framework;
}

/** The request's offer, which its user may answer now. Throws NotFound, Forbidden, and Conflict where it has ended. */
export async function findOffered(server: Server, request: ApiRequest, view: View): Promise<Offered> {
  const { name } = targetOf(request);
  const entry = await view.get(request.served, { name });
  if (!entry) throw notFound(offers, name);
  const offer = objectOf<Offer>(entry);
  const framework = await findFramework(server, view, offer.spec.framework);
  if (!framework) throw conflict(offers, name, `its framework "${offer.spec.framework}" is gone`);
  assertOwner(request, framework, { resource: offers, name });
  const { phase = "Outstanding" } = offer.status;
  if (phase !== "Outstanding") throw conflict(offers, name, `the offer has ended: it is ${phase}`);
  if (Date.parse(offer.spec.expiresAt) <= server.clock.now()) throw conflict(offers, name, "the offer has expired");
  return { offer, framework };
}

async function findFramework(server: Server, view: View, name: string): Promise<Framework | undefined> {
  const entry = await view.get(server.resources.require(frameworks), { name });
  return entry && objectOf<Framework>(entry);
}

interface Subject {
  readonly resource: typeof offers | typeof frameworks;
  readonly name: string;
}

function assertOwner({ user }: ApiRequest, { spec, metadata }: Framework, { resource, name }: Subject): void {
  if (spec.owner === user.username) return;
  const detail = `only the owner of framework "${metadata.name}" may do this, and user "${user.username}" is not`;
  throw forbidden(resource, name, detail);
}

export interface Closing {
  readonly server: Pick<Server, "clock">;
  readonly phase: "Accepted" | "Declined";
  readonly filterSeconds: number;
}

export function closed(offer: Offer, { server, phase, filterSeconds }: Closing): Offer {
  const nowMs = server.clock.now();
  const filter = filterSeconds > 0 && { filteredUntil: formatMicroTime(nowMs + filterSeconds * 1000) };
  return { ...offer, status: { ...offer.status, phase, answeredTime: formatMicroTime(nowMs), ...filter } };
}

function revived(framework: Framework, now: string): Framework {
  const spec = omit(framework.spec, "suppressed");
  const next: Framework = {
    ...framework,
    spec,
    status: { ...framework.status, revivedTime: now, lastContactTime: now },
  };
  return withGeneration(next, framework, (of) => of.spec);
}

interface Change<T extends KubeObject> {
  readonly view: View;
  readonly next: (old: T) => T;
}

/** The transaction that changes the request's object as the server decides, not as its client writes it. */
export const planAnswer = <T extends KubeObject>(server: Server, request: ApiRequest, { view, next }: Change<T>) =>
  planModification(server, request, {
    view,
    next: (old) => next(old as T),
    prepare: (object) => object,
    claim: ({ old }) => ownersIn(old.metadata.managedFields),
    isUnconditional: true,
    isServersOwn: true,
  });
