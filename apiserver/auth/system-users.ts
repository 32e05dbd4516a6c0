// As whom the components of a cluster come, in the way of callers in the same process. Over the network their certificates and
// tokens say the same.

import { accountUserName } from "../../api/core/service-account-secret.ts";
import type { UserInfo } from "../../lib/http.ts";
import { accountGroups } from "./service-account-claims.ts";

const AUTHENTICATED = "system:authenticated";

export const componentUser = (username: string, groups: readonly string[] = []): UserInfo => ({
  username,
  groups: [...groups, AUTHENTICATED],
});

/** A service account in kube-system. */
export const systemAccountUser = (name: string): UserInfo =>
  componentUser(accountUserName("kube-system", name), accountGroups("kube-system"));

export const kubeletUser = (node: string): UserInfo => componentUser(`system:node:${node}`, ["system:nodes"]);
