// What may change or refuse a write. A step has up to two parts, as Kubernetes' plugins have: `admit` comes before the object
// is completed and validated and may change it; `validate` sees it as it will be stored and may only refuse it.

import type { KubeObject } from "../../api/meta/object.ts";
import { forbidden, type StatusError } from "../../api/meta/status.ts";
import type { UserInfo } from "../../lib/http.ts";
import type { Authorizer } from "../authorizer.ts";
import type { Random } from "../../lib/random.ts";
import type { Draft } from "../registry/draft.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { objectOf, type View } from "../registry/view.ts";
import type { ResourceTable, ServedResource } from "../served-resource.ts";

export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly served: ServedResource;
  readonly resources: ResourceTable;
  readonly subresource?: string;
  readonly namespace?: string;
  /** While a created object is being admitted and its name will be generated: what that begins with. */
  readonly name: string;
  /** Absent for DELETE and CONNECT. */
  readonly object?: KubeObject;
  /** Absent for CREATE. */
  readonly old?: KubeObject;
  readonly user: UserInfo;
  /** The write is only tried: nothing may be changed for it elsewhere. */
  readonly isDryRun: boolean;
  /** The time, in milliseconds since 1970. */
  readonly nowMs: number;
  /** For what else the user must be allowed. */
  readonly authorizer: Authorizer;
  readonly random: Random;
  /** For what will be there in a moment. Resolves early where the request is over. */
  pause(delayMs: number): Promise<void>;
  /** The stored state, for decisions that depend on other objects. */
  readonly view: View;
  /** Tells the client something without refusing the write. */
  warn(text: string): void;
}

export interface Admitted {
  /** The object to go on with; the one of the request unless given. */
  readonly object?: KubeObject;
  /** What the decision rests on, checked again by the transaction. */
  readonly besides?: Partial<Draft>;
}

/**
 * Steps run in a fixed order, each on what the one before has made. To refuse, a step throws a StatusError. Both parts may be
 * called again for the same write, and have no effect of their own.
 */
export interface AdmissionStep {
  /** As kube-apiserver's --enable-admission-plugins names it. */
  readonly name: string;
  /** Not to be turned off by flags: kube-apiserver has no plugin for it, but does it elsewhere. */
  readonly isFixed?: boolean;
  admit?(request: AdmissionRequest): Promise<Admitted | undefined> | Admitted | undefined;
  /** Resolves with what must hold and change in the same transaction. */
  validate?(request: AdmissionRequest): Promise<Partial<Draft> | undefined> | Partial<Draft> | undefined;
}

/** 403 in the words that Kubernetes' plugins share: `pods "web" is forbidden: …`. */
export const refused = ({ served, name }: AdmissionRequest, detail: string): StatusError =>
  forbidden(served.resource, name, detail);

/** The request is about an object of the kind itself, and not about a subresource of it. */
export const isAbout = (
  { served, subresource }: AdmissionRequest,
  kind: { readonly group: string; readonly plural: string },
) => subresource === undefined && served.resource.plural === kind.plural && served.resource.group === kind.group;

/** The objects of a kind as the request sees them; none where the server does not serve the kind. */
export async function listSeen<T extends KubeObject>(
  { resources, view }: AdmissionRequest,
  kind: ResourceDefinition<T>,
  namespace?: string,
): Promise<readonly T[]> {
  const served = resources.find(kind.group, kind.version, kind.plural);
  const entries = served ? await view.list(served, namespace) : [];
  return entries.map((entry) => objectOf<T>(entry));
}

/** The cluster's object of this name, as the request sees it. */
export async function findSeen<T extends KubeObject>(
  { resources, view }: AdmissionRequest,
  kind: ResourceDefinition<T>,
  name: string,
): Promise<T | undefined> {
  const served = resources.find(kind.group, kind.version, kind.plural);
  const entry = served && (await view.get(served, { name }));
  return entry && objectOf<T>(entry);
}
