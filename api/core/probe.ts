// Probes and lifecycle hooks: how a kubelet checks on a container, and what it does when one starts and stops.

import {
  type Infer,
  byDefault,
  completed,
  inlined,
  int32,
  int64,
  intOrString,
  lenient,
  list,
  object,
  oneOf,
  optional,
  required,
  string,
} from "../schema/schema.ts";

export const execAction = object("io.k8s.api.core.v1.ExecAction", "A command that is run in a container.", {
  command: optional(
    1,
    list(string(), { listType: "atomic" }),
    "The program and its arguments. No shell interprets them.",
  ),
});
export interface ExecAction extends Infer<typeof execAction> {}

export const httpHeader = object("io.k8s.api.core.v1.HTTPHeader", "A header of a request.", {
  name: required(1, string(), "The name of the header."),
  value: lenient(required(2, string(), "The value of the header.")),
});
export interface HTTPHeader extends Infer<typeof httpHeader> {}

export const httpGetAction = completed(
  object("io.k8s.api.core.v1.HTTPGetAction", "An HTTP request to a container.", {
    path: optional(1, string(), "The path asked for; / unless given."),
    port: required(2, intOrString(), "The number of the port, or its name."),
    host: optional(3, string(), "The host that is connected to; the pod's address unless given."),
    scheme: optional(4, oneOf("HTTP", "HTTPS"), "HTTP or HTTPS; HTTP unless given. Certificates are not checked."),
    httpHeaders: optional(
      5,
      list(httpHeader, { listType: "atomic" }),
      "Headers of the request. A header can be given several times.",
    ),
  }),
  (draft) => {
    draft.path ||= "/";
    draft.scheme ||= "HTTP";
  },
);
export interface HTTPGetAction extends Infer<typeof httpGetAction> {}

export const tcpSocketAction = object("io.k8s.api.core.v1.TCPSocketAction", "A connection to a container.", {
  port: required(1, intOrString(), "The number of the port, or its name."),
  host: optional(2, string(), "The host that is connected to; the pod's address unless given."),
});
export interface TCPSocketAction extends Infer<typeof tcpSocketAction> {}

export const grpcAction = object("io.k8s.api.core.v1.GRPCAction", "A call of the gRPC health service.", {
  port: required(1, int32(), "The number of the port."),
  service: byDefault("", optional(2, string(), "The service that is asked about; the server as a whole unless given.")),
});
export interface GRPCAction extends Infer<typeof grpcAction> {}

export const probeHandler = object(
  "io.k8s.api.core.v1.ProbeHandler",
  "How a check is made. Exactly one way is chosen.",
  {
    exec: optional(1, execAction, "Runs a command in the container. Exit code 0 is success."),
    httpGet: optional(2, httpGetAction, "Makes an HTTP request. A code from 200 to 399 is success."),
    tcpSocket: optional(3, tcpSocketAction, "Opens a connection. Being able to is success."),
    grpc: optional(4, grpcAction, "Calls the gRPC health service."),
  },
);
export interface ProbeHandler extends Infer<typeof probeHandler> {}

export const probe = completed(
  object("io.k8s.api.core.v1.Probe", "A check that the kubelet makes of a container, again and again.", {
    ...inlined(1, probeHandler),
    initialDelaySeconds: optional(2, int32(), "How many seconds after the container's start the first check is made."),
    timeoutSeconds: optional(3, int32(), "After how many seconds a check counts as failed. 1 unless given."),
    periodSeconds: optional(4, int32(), "How many seconds lie between checks. 10 unless given."),
    successThreshold: optional(
      5,
      int32(),
      "How many checks must succeed in a row after a failure. 1 unless given, and always 1 for liveness and startup.",
    ),
    failureThreshold: optional(6, int32(), "How many checks must fail in a row for the probe to fail. 3 unless given."),
    terminationGracePeriodSeconds: optional(
      7,
      int64(),
      "How many seconds the container has to stop when the probe fails; the pod's unless given. Not for readiness probes.",
    ),
  }),
  (draft) => {
    draft.timeoutSeconds ||= 1;
    draft.periodSeconds ||= 10;
    draft.successThreshold ||= 1;
    draft.failureThreshold ||= 3;
  },
);
export interface Probe extends Infer<typeof probe> {}

export const sleepAction = object("io.k8s.api.core.v1.SleepAction", "A wait.", {
  seconds: required(1, int64(), "How many seconds it takes."),
});
export interface SleepAction extends Infer<typeof sleepAction> {}

export const lifecycleHandler = object(
  "io.k8s.api.core.v1.LifecycleHandler",
  "What is done at a point in a container's life. Exactly one way is chosen.",
  {
    exec: optional(1, execAction, "Runs a command in the container."),
    httpGet: optional(2, httpGetAction, "Makes an HTTP request."),
    tcpSocket: optional(3, tcpSocketAction, "Has no effect; kept because older clients send it."),
    sleep: optional(4, sleepAction, "Waits."),
  },
);
export interface LifecycleHandler extends Infer<typeof lifecycleHandler> {}

export const lifecycle = object("io.k8s.api.core.v1.Lifecycle", "What is done when a container starts and stops.", {
  postStart: optional(
    1,
    lifecycleHandler,
    "Done right after the container has been started. If it fails, the container is stopped and restarted as its policy says.",
  ),
  preStop: optional(2, lifecycleHandler, "Done before the container is asked to stop, within the grace period."),
});
export interface Lifecycle extends Infer<typeof lifecycle> {}
