// Who may use the kubelet's own endpoint: administrators and API servers, by a client certificate that the cluster's
// authority signed. Everything there reads or runs things in any pod of the node, so there are no lesser rights. Pure.

import type { Peer } from "../../lib/http.ts";

const GROUPS: ReadonlySet<string> = new Set(["system:masters"]);
const USERS: ReadonlySet<string> = new Set([
  "kube-apiserver-kubelet-client",
  "system:kube-apiserver",
  "kube-apiserver",
]);

export function isAuthorized({ certificate, user }: Peer): boolean {
  const groups = certificate?.organizations ?? user?.groups ?? [];
  const name = certificate?.commonName ?? user?.username ?? "";
  return USERS.has(name) || groups.some((group) => GROUPS.has(group));
}

/** 401 for nobody, 403 for somebody else. */
export const isAnonymous = ({ certificate, user }: Peer): boolean => !certificate && !user;
