// The API as components see it. Every component speaks only this; whether a socket lies between is the transport's affair.

import type { HttpRequest, HttpResponse } from "../lib/http.ts";
import type { KubeObject, NewObject, ObjectKey } from "../api/meta/object.ts";
import type { ResourceDefinition } from "../api/resource.ts";

/** All calls reject with StatusError for what the server refuses, and for lost connections (ServiceUnavailable). */
export interface Client {
  /** The stored object. Rejects with NotFound. */
  get<T extends KubeObject>(resource: ResourceDefinition<T>, key: ObjectKey, options?: GetOptions): Promise<T>;
  /** One page, in the order of keys; all of it unless `limit` is given. */
  list<T extends KubeObject>(resource: ResourceDefinition<T>, options?: ListOptions): Promise<ObjectList<T>>;
  /** One stream of events; ends when the server ends it or `signal` is aborted. Resuming is the reflector's work. */
  watch<T extends KubeObject>(resource: ResourceDefinition<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  /** Resolves with the object as stored. Rejects with AlreadyExists where the name is taken. */
  create<T extends KubeObject>(
    resource: ResourceDefinition<T>,
    object: NewObject<T>,
    options?: WriteOptions,
  ): Promise<T>;
  /** Replaces the object; metadata.resourceVersion, when set, must be the stored one. */
  update<T extends KubeObject>(resource: ResourceDefinition<T>, object: T, options?: WriteOptions): Promise<T>;
  /** The server applies the patch to the newest version, and again where another writer was faster. */
  patch<T extends KubeObject>(
    resource: ResourceDefinition<T>,
    key: ObjectKey,
    patch: Patch,
    options?: WriteOptions,
  ): Promise<T>;
  /** Rejects with NotFound when the object is gone already. */
  delete(resource: ResourceDefinition, key: ObjectKey, options?: DeleteOptions): Promise<void>;
  /** Creates a subresource such as `pods/binding`, `pods/eviction`; resolves with the answer's body. */
  createSubresource(
    resource: ResourceDefinition,
    target: SubresourceTarget,
    body: unknown,
    options?: WriteOptions,
  ): Promise<unknown>;
  /** Everything else: logs, exec, discovery, custom paths. Does not reject for HTTP errors. */
  raw(request: Pick<HttpRequest, "method" | "path"> & Partial<HttpRequest>): Promise<HttpResponse>;
}

export interface SubresourceTarget extends ObjectKey {
  readonly subresource: string;
}

export interface GetOptions {
  readonly subresource?: string;
  readonly signal?: AbortSignal;
}

export interface ListOptions {
  /** All namespaces unless given. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  /** "0": any version the server has at hand. Unset: the newest. */
  readonly resourceVersion?: string;
  readonly signal?: AbortSignal;
}

export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  /** Asks for BOOKMARK events, which carry nothing but a resourceVersion. */
  readonly allowWatchBookmarks?: boolean;
  readonly timeoutSeconds?: number;
  readonly signal: AbortSignal;
}

export interface WriteOptions {
  readonly subresource?: string;
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly signal?: AbortSignal;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  /** Refused with Conflict unless the object has this uid and this version. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

export type Patch =
  | { readonly type: "json"; readonly patch: readonly JsonPatchOperation[] }
  | { readonly type: "merge" | "strategic"; readonly patch: unknown }
  | { readonly type: "apply"; readonly patch: unknown; readonly force?: boolean };

export interface JsonPatchOperation {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

export interface ObjectList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** Ask for the next page with this. */
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };
