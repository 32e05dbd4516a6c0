// The one refusal that is nobody's failure: nothing new is made in a namespace that is being deleted.

import { hasReason } from "../api/meta/status.ts";

/** The API server refused a create because its namespace is on its way out; trying again cannot help. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  hasReason(error, "Forbidden") &&
  (error.details?.causes ?? []).some(({ reason }) => reason === "NamespaceTerminating");
