// HEADER

import {
  type Infer,
  byDefault,
  completed,
  inlined,
  int32,
  int64,
  intOrString,
  list,
  object,
  oneOf,
  optional,
  required,
  string,
} from "../schema/schema.ts";

export const execAction = object("io.k8s.api.core.v1.ExecAction", "", {
  command: optional(1, list(string(), { listType: "atomic" }), ""),
});
export interface ExecAction extends Infer<typeof execAction> {}

export const httpHeader = object("io.k8s.api.core.v1.HTTPHeader", "", {
  name: required(1, string(), ""),
  value: required(2, string(), ""),
});
export interface HTTPHeader extends Infer<typeof httpHeader> {}

export const httpGetAction = completed(
  object("io.k8s.api.core.v1.HTTPGetAction", "", {
    path: optional(1, string(), ""),
    port: required(2, intOrString(), ""),
    host: optional(3, string(), ""),
    scheme: optional(4, oneOf("HTTP", "HTTPS"), ""),
    httpHeaders: optional(5, list(httpHeader, { listType: "atomic" }), ""),
  }),
  (draft) => {
    draft.path ||= "/";
    draft.scheme ||= "HTTP";
  },
);
export interface HTTPGetAction extends Infer<typeof httpGetAction> {}

export const tcpSocketAction = object("io.k8s.api.core.v1.TCPSocketAction", "", {
  port: required(1, intOrString(), ""),
  host: optional(2, string(), ""),
});
export interface TCPSocketAction extends Infer<typeof tcpSocketAction> {}

export const grpcAction = object("io.k8s.api.core.v1.GRPCAction", "", {
  port: required(1, int32(), ""),
  service: byDefault("", optional(2, string(), "")),
});
export interface GRPCAction extends Infer<typeof grpcAction> {}

export const probeHandler = object("io.k8s.api.core.v1.ProbeHandler", "", {
  exec: optional(1, execAction, ""),
  httpGet: optional(2, httpGetAction, ""),
  tcpSocket: optional(3, tcpSocketAction, ""),
  grpc: optional(4, grpcAction, ""),
});
export interface ProbeHandler extends Infer<typeof probeHandler> {}

export const probe = completed(
  object("io.k8s.api.core.v1.Probe", "", {
    ...inlined(1, probeHandler),
    initialDelaySeconds: optional(2, int32(), ""),
    timeoutSeconds: optional(3, int32(), ""),
    periodSeconds: optional(4, int32(), ""),
    successThreshold: optional(5, int32(), ""),
    failureThreshold: optional(6, int32(), ""),
    terminationGracePeriodSeconds: optional(7, int64(), ""),
  }),
  (draft) => {
    draft.timeoutSeconds ||= 1;
    draft.periodSeconds ||= 10;
    draft.successThreshold ||= 1;
    draft.failureThreshold ||= 3;
  },
);
export interface Probe extends Infer<typeof probe> {}

export const sleepAction = object("io.k8s.api.core.v1.SleepAction", "", {
  seconds: required(1, int64(), ""),
});
export interface SleepAction extends Infer<typeof sleepAction> {}

export const lifecycleHandler = object("io.k8s.api.core.v1.LifecycleHandler", "", {
  exec: optional(1, execAction, ""),
  httpGet: optional(2, httpGetAction, ""),
  tcpSocket: optional(3, tcpSocketAction, ""),
  sleep: optional(4, sleepAction, ""),
});
export interface LifecycleHandler extends Infer<typeof lifecycleHandler> {}

export const lifecycle = object("io.k8s.api.core.v1.Lifecycle", "", {
  postStart: optional(1, lifecycleHandler, ""),
  preStop: optional(2, lifecycleHandler, ""),
});
export interface Lifecycle extends Infer<typeof lifecycle> {}
