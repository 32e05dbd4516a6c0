// Who may stand for a role. A framework, and a pod that wants what is reserved for a role, need the right to `use` the role's
// FrameworkRole, or that of a role which it is a part of. Which framework a pod belongs to is only ever said by the server.

import { accountGroups } from "../auth/service-account-claims.ts";
import { accountUserName } from "../../api/core/service-account-secret.ts";
import type { Pod } from "../../api/core/pod.ts";
import { pods } from "../../api/core/pod.ts";
import { frameworkRoles } from "../../api/kctl-scheduling/framework-role.ts";
import { frameworks, type Framework } from "../../api/kctl-scheduling/framework.ts";
import {
  FRAMEWORK_LABEL,
  ROLE_LABEL,
  roleLineage,
  roleNameOf,
  roleOfPod,
  roleProblems,
} from "../../api/kctl-scheduling/sharing-role.ts";
import type { UserInfo } from "../../lib/http.ts";
import { isAbout, refused, type AdmissionRequest, type AdmissionStep } from "./admission-step.ts";

export const sharingRole: AdmissionStep = {
  name: "SharingRole",
  isFixed: true,
  /** New pods are looked at before the server itself gives them the labels of the framework that starts them. */
  admit(request) {
    if (request.operation === "CREATE" && isAbout(request, pods)) checkNewPod(request, request.object as Pod);
    return undefined;
  },
  validate(request) {
    const { served, object, old, operation } = request;
    if (!object) return undefined;
    if (isAbout(request, frameworks)) checkFramework(request, object as Framework);
    const isPod = served.resource.plural === pods.plural && served.resource.group === pods.group;
    if (isPod && operation === "UPDATE") checkLabelsKept(request, object as Pod, old as Pod);
    return undefined;
  },
};

/** The pod's account counts, and not its creator: that is mostly a controller, which may do more than who has asked it. */
function checkNewPod(request: AdmissionRequest, pod: Pod): void {
  if (pod.metadata.labels?.[FRAMEWORK_LABEL] !== undefined) {
    throw refused(request, `the label ${FRAMEWORK_LABEL} is set by the server when a framework starts the pod`);
  }
  const role = roleOfPod(pod);
  if (role === undefined) return;
  const [problem] = roleProblems(role);
  if (problem) throw refused(request, `the label ${ROLE_LABEL} names no role: it ${problem}`);
  const { serviceAccountName: name = "default" } = pod.spec;
  const namespace = request.namespace ?? "";
  const groups = [...accountGroups(namespace), "system:authenticated"];
  assertMayUse(request, { username: accountUserName(namespace, name), groups }, role);
}

/** The node's account of what each role uses rests on them. */
function checkLabelsKept(request: AdmissionRequest, pod: Pod, old: Pod): void {
  for (const label of [ROLE_LABEL, FRAMEWORK_LABEL]) {
    if (pod.metadata.labels?.[label] !== old.metadata.labels?.[label]) {
      throw refused(request, `the label ${label} cannot be changed`);
    }
  }
}

function checkFramework(request: AdmissionRequest, { spec }: Framework): void {
  const old = request.old as Framework | undefined;
  if (request.subresource === undefined && spec.role !== old?.spec.role) assertMayUse(request, request.user, spec.role);
}

function assertMayUse(request: AdmissionRequest, user: UserInfo, role: string): void {
  const names = roleLineage(role).map(roleNameOf);
  const mayUse = (name: string) =>
    request.authorizer.authorize({ user, verb: "use", resource: frameworkRoles, name, path: "" }).verdict === "allow";
  if (names.some(mayUse)) return;
  const what = `frameworkroles.${frameworkRoles.group} "${names[0]}"`;
  throw refused(
    request,
    `user "${user.username}" may not stand for role "${role}": this takes the verb "use" on ${what}`,
  );
}
