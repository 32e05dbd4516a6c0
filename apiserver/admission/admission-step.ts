// What may change or refuse a write after it has been read and before it is validated and stored.

import type { KubeObject } from "../../api/meta/object.ts";
import type { UserInfo } from "../../lib/http.ts";
import type { Draft } from "../registry/draft.ts";
import type { View } from "../registry/view.ts";
import type { ResourceTable, ServedResource } from "../served-resource.ts";

export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly served: ServedResource;
  readonly resources: ResourceTable;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
  /** Absent for DELETE. */
  readonly object?: KubeObject;
  readonly old?: KubeObject;
  readonly user: UserInfo;
  /** The stored state, for decisions that depend on other objects. */
  readonly view: View;
}

export interface Admitted {
  /** The object to go on with; the one of the request unless given. */
  readonly object?: KubeObject;
  /** What the decision rests on, checked again by the transaction. */
  readonly besides?: Partial<Draft>;
}

/** Steps run in a fixed order, each on what the one before has made. To refuse, a step throws a StatusError. Repeatable. */
export interface AdmissionStep {
  readonly name: string;
  admit(request: AdmissionRequest): Promise<Admitted | undefined> | Admitted | undefined;
}
