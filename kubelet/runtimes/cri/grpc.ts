// The one file that knows the gRPC libraries. It carries the calls of the CRI over a unix socket, and turns what comes back
// into the project's own terms; what is called is decided in the other files.

import { Client, credentials, status, type ClientReadableStream, type ServiceError } from "@grpc/grpc-js";
import { fromJSON, type MethodDefinition, type ServiceDefinition } from "@grpc/proto-loader";
import { onAbort } from "../abort.ts";
import { RuntimeError } from "../runtime-error.ts";
import { CriError, type CriService } from "./cri-service.ts";
import { enums, messages, services } from "./schema.ts";

type Definition = MethodDefinition<object, object>;

/** What containerd says between its start and its plugins'. */
const NOT_READY = /server is not initialized yet/;
const RECONNECT = { "grpc.initial_reconnect_backoff_ms": 50, "grpc.max_reconnect_backoff_ms": 1000 };
/** A verbose status holds a container's whole specification. */
const UNBOUNDED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** `endpoint` is such as `unix:///run/containerd/containerd.sock`. Connects at the first call, and again by itself. */
export function connectToCri(endpoint: string): CriService {
  const definitions = describeServices();
  // Each has its own connection: libraries share them between clients of one address unless told otherwise.
  const client = new Client(endpoint, credentials.createInsecure(), { ...RECONNECT, ...UNBOUNDED });
  const translate = (error: Partial<ServiceError>, signal: AbortSignal): Error => {
    if (signal.aborted) return signal.reason as Error;
    const { code = status.UNKNOWN, details = error.message ?? "" } = error;
    const isStarting = NOT_READY.test(details);
    if (code !== status.UNAVAILABLE && !isStarting) return new CriError(code, details);
    const advice = isStarting ? "it has only just been started" : "is containerd running?";
    const message = `the container runtime does not answer at ${endpoint} (${details}): ${advice}`;
    return new RuntimeError("Unavailable", message, { cause: error });
  };
  const call = (name: string, request: object, signal: AbortSignal): Promise<unknown> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const { path, requestSerialize, responseDeserialize } = definitionOf(definitions, name);
      const sent = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) => {
        release();
        if (error) reject(translate(error, signal));
        else resolve(answer);
      });
      const release = onAbort(signal, () => sent.cancel());
    });
  const stream = async function* (name: string, request: object, signal: AbortSignal): AsyncGenerator<unknown> {
    signal.throwIfAborted();
    const { path, requestSerialize, responseDeserialize } = definitionOf(definitions, name);
    const received: ClientReadableStream<object> = client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
    );
    const release = onAbort(signal, () => received.cancel());
    try {
      for await (const message of received) yield message;
    } catch (error) {
      throw translate(error as Partial<ServiceError>, signal);
    } finally {
      release();
      received.cancel();
    }
  };
  return {
    endpoint,
    runtime: (method, request, signal) => call(`runtime.v1.RuntimeService/${method}`, request, signal) as never,
    image: (method, request, signal) => call(`runtime.v1.ImageService/${method}`, request, signal) as never,
    events: (request, signal) =>
      stream("containerd.services.events.v1.Events/Subscribe", request, signal) as AsyncIterable<never>,
  };
}

function definitionOf(definitions: ReadonlyMap<string, Definition>, name: string): Definition {
  const definition = definitions.get(name);
  if (!definition) throw new TypeError(`the schema has no method ${name}`);
  return definition;
}

/** The tables of schema.ts in the form that the library reads. */
function describeServices(): ReadonlyMap<string, Definition> {
  const types = { ...describeMessages(), ...describeEnums() };
  const packages = Object.entries<MethodTable>(services).map(([service, methods]) => {
    const root = nest(service, { ...types, [afterLastDot(service)]: { methods: describeMethods(methods) } });
    const loaded = fromJSON(root, { longs: Number, enums: String, defaults: true });
    return Object.entries(loaded[service] as ServiceDefinition).map(
      ([name, definition]) => [`${service}/${name}`, definition] as const,
    );
  });
  return new Map(packages.flat());
}

type MethodTable = Readonly<Record<string, readonly [request: string, response: string, kind?: string]>>;

function describeMethods(methods: MethodTable): Record<string, object> {
  const described = Object.entries(methods).map(([name, [requestType, responseType, kind]]) => [
    name,
    { requestType, responseType, responseStream: kind === "stream" },
  ]);
  return Object.fromEntries(described) as Record<string, object>;
}

const afterLastDot = (name: string) => name.slice(name.lastIndexOf(".") + 1);

function nest(service: string, content: object): { nested: Record<string, object> } {
  const packageNames = service.split(".").slice(0, -1);
  return packageNames.reduceRight<{ nested: Record<string, object> }>(
    (inner, name) => ({ nested: { [name]: inner } }),
    {
      nested: content as Record<string, object>,
    },
  );
}

type FieldTable = Readonly<Record<string, readonly [id: number, type: string, many?: string]>>;

function describeMessages(): Record<string, object> {
  const described = Object.entries<FieldTable>(messages).map(([name, fields]) => {
    const all = Object.entries(fields).map(([field, [id, type, many]]) => [
      field,
      { id, type, ...(many === "map" && { keyType: "string" }), ...(many === "repeated" && { rule: many }) },
    ]);
    return [name, { fields: Object.fromEntries(all) as object }];
  });
  return Object.fromEntries(described) as Record<string, object>;
}

function describeEnums(): Record<string, object> {
  const described = Object.entries<readonly string[]>(enums).map(([name, values]) => [
    name,
    { values: Object.fromEntries(values.map((value, number) => [value, number])) },
  ]);
  return Object.fromEntries(described) as Record<string, object>;
}
