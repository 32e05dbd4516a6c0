// The ways to probe a container.

import { execProbe } from "./exec.ts";
import { grpcProbe } from "./grpc.ts";
import { httpProbe } from "./http.ts";
import type { Probe } from "./probe.ts";
import { tcpProbe } from "./tcp.ts";

export const probes: readonly Probe[] = [execProbe, httpProbe, tcpProbe, grpcProbe];
