// The API group of roles, which references to them and to users and groups name.

export const RBAC_GROUP = "rbac.authorization.k8s.io";
