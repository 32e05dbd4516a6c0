// The virtual resources. Adding one is a file of its own and a line here, and its declaration in api/index.ts.

import { StatusError } from "../../api/meta/status.ts";
import type { DataAnswer } from "../answer.ts";
import type { VirtualRequest } from "../api-request.ts";
import type { VirtualRoute } from "../routes.ts";
import type { Server } from "../server.ts";
import { bindingResource } from "./binding.ts";
import { creation } from "./creation.ts";
import { localSubjectAccessReview } from "./local-subject-access-review.ts";
import { placement } from "./placement.ts";
import { selfSubjectAccessReview } from "./self-subject-access-review.ts";
import { selfSubjectReview } from "./self-subject-review.ts";
import { selfSubjectRulesReview } from "./self-subject-rules-review.ts";
import { subjectAccessReview } from "./subject-access-review.ts";
import { tokenReview } from "./token-review.ts";
import type { VirtualResource } from "./virtual-resource.ts";

export const virtualResources: readonly VirtualResource[] = [
  bindingResource,
  creation,
  localSubjectAccessReview,
  placement,
  selfSubjectAccessReview,
  selfSubjectReview,
  selfSubjectRulesReview,
  subjectAccessReview,
  tokenReview,
];

export function serveVirtual(server: Server, route: VirtualRoute, request: VirtualRequest): Promise<DataAnswer> {
  const found = virtualResources.find(({ resource }) => resource === route.resource);
  if (!found) throw new StatusError("InternalError", `the server cannot create ${route.resource.plural}`);
  return found.create(server, request);
}
