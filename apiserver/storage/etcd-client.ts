// A client of etcd that does as it is told: it calls one server, once. And the names of what it sends and gets.

import { noop } from "cockatiel";
import { Etcd3 } from "etcd3";
import type { Clock } from "../../lib/clock.ts";

export type {
  Etcd3,
  IEvent,
  IKeyValue,
  IRangeResponse,
  IRequestOp,
  ITxnRequest,
  ITxnResponse,
  IWatchResponse,
} from "etcd3";

const REQUEST_TIMEOUT_MS = 10_000;

export function connectToEtcd(options: {
  readonly hosts: string;
  readonly credentials: { rootCertificate: Buffer; certChain?: Buffer; privateKey?: Buffer } | undefined;
  readonly clock: Clock;
}): Etcd3 {
  const { hosts, credentials, clock } = options;
  return new Etcd3({
    hosts,
    credentials,
    // The client's own fault handling would repeat transactions and, after errors, refuse to call at all for a while.
    faultHandling: { host: () => noop, global: noop },
    defaultCallOptions: ({ isStream }) => (isStream ? {} : { deadline: clock.now() + REQUEST_TIMEOUT_MS }),
    grpcOptions: {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
      "grpc.keepalive_time_ms": 10_000,
      "grpc.keepalive_timeout_ms": 5000,
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 2000,
    },
  });
}
