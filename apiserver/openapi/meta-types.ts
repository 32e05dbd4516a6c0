// The types of requests and answers that no kind declares: what a client sends with a delete and gets back from every verb.
// They are published in the OpenAPI documents; the code that handles them has its own, narrower types.

import { objectMeta } from "../../api/meta/object-meta.ts";
import { any, boolean, int32, int64, list, object, optional, required, string } from "../../api/schema/schema.ts";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

const typeMeta = {
  apiVersion: optional(2, string(), "The version of the schema that this object is written in."),
  kind: optional(1, string(), "The type of the object, in CamelCase."),
};

export const listMeta = object(`${META}.ListMeta`, "Metadata of a list.", {
  selfLink: optional(1, string(), "Not set any more."),
  resourceVersion: optional(
    2,
    string(),
    "The version of the data from which the list was made; a watch may start there.",
  ),
  continue: optional(
    3,
    string(),
    "Where the next page starts; empty on the last page. Its content is the server's affair.",
  ),
  remainingItemCount: optional(4, int64(), "How many items come after this page, where the server knows."),
});

const statusCause = object(`${META}.StatusCause`, "One of several causes of a failure.", {
  reason: optional(1, string(), "What kind of cause it is, for programs to read."),
  message: optional(2, string(), "What is wrong, for people to read."),
  field: optional(3, string(), "The path of the field that caused the failure, such as `items[0].name`."),
});

const statusDetails = object(`${META}.StatusDetails`, "More about a failure.", {
  name: optional(1, string(), "The name of the object concerned."),
  group: optional(2, string(), "The API group of the object concerned."),
  kind: optional(3, string(), "The kind or resource of the object concerned."),
  causes: optional(4, list(statusCause, { listType: "atomic" }), "The single causes, where there are several."),
  retryAfterSeconds: optional(5, int32(), "After how many seconds the request may be tried again."),
  uid: optional(6, string(), "The UID of the object concerned."),
});

export const status = object(`${META}.Status`, "The outcome of a request that returns no object.", {
  ...typeMeta,
  metadata: optional(1, listMeta, "Metadata of the answer."),
  status: optional(2, string(), "Success or Failure."),
  message: optional(3, string(), "What happened, for people to read."),
  reason: optional(4, string(), "Why it failed, in one word for programs to read."),
  details: optional(5, statusDetails, "More about the failure, as far as the reason has more to say."),
  code: optional(6, int32(), "The HTTP status code."),
});

const preconditions = object(`${META}.Preconditions`, "What must hold for an operation to be carried out.", {
  uid: optional(1, string(), "The object must have this UID."),
  resourceVersion: optional(2, string(), "The object must be at this version."),
});

export const deleteOptions = object(`${META}.DeleteOptions`, "How an object is to be deleted.", {
  ...typeMeta,
  gracePeriodSeconds: optional(
    1,
    int64(),
    "How many seconds the object may take to stop; zero deletes it at once. The kind's own value unless given.",
  ),
  preconditions: optional(2, preconditions, "What must hold, else the answer is 409 Conflict."),
  orphanDependents: optional(
    3,
    boolean(),
    "Deprecated in favour of propagationPolicy. Whether dependents stay behind.",
  ),
  propagationPolicy: optional(
    4,
    string(),
    "What becomes of dependents: Orphan leaves them, Background deletes them afterwards, Foreground before the object.",
  ),
  dryRun: optional(5, list(string(), { listType: "atomic" }), "With All, everything is checked and nothing stored."),
  ignoreStoreReadErrorWithClusterBreakingPotential: optional(
    6,
    boolean(),
    "Deletes an object that cannot be read from the store, skipping finalizers and preconditions.",
  ),
});

export const watchEvent = object(`${META}.WatchEvent`, "A change that a watch reports.", {
  type: required(1, string(), "ADDED, MODIFIED, DELETED, BOOKMARK or ERROR."),
  object: required(2, any(), "The object as it is now, as it last was if deleted, or a Status if an error."),
});

export const patch = object(`${META}.Patch`, "A patch; its form depends on the content type of the request.", {});

export const eviction = object("io.k8s.api.policy.v1.Eviction", "Asks for a pod to be removed from its node.", {
  ...typeMeta,
  metadata: optional(1, objectMeta, "Names the pod."),
  deleteOptions: optional(2, deleteOptions, "How the pod is to be deleted."),
});
