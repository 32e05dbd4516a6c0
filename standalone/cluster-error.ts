// Why a cluster cannot be started, stopped or looked at: one sentence that says what to do, shown to the user as it is.

export class ClusterError extends Error {}
