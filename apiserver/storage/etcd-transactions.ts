// Transactions in etcd's terms. One that is larger than etcd takes at once goes in parts that are nested in one request.

import type { IRequestOp, ITxnRequest, ITxnResponse } from "./etcd-client.ts";
import type { EtcdKeys } from "./etcd-keys.ts";
import { partsOf, requestInParts } from "./large-transaction.ts";
import { Conflict, TooLarge, type Check, type Revision, type Transaction, type Write } from "./store.ts";

export interface EtcdTransactionsOptions {
  readonly keys: EtcdKeys;
  send(request: ITxnRequest): Promise<ITxnResponse>;
}

/** Below it no key is ever written. */
const ABSENT = "/gantry/absent";

export class EtcdTransactions {
  readonly #options: EtcdTransactionsOptions;

  constructor(options: EtcdTransactionsOptions) {
    this.#options = options;
  }

  /** As Store.commit. */
  async commit(transaction: Transaction): Promise<Revision> {
    const parts = partsOf(transaction);
    if (!parts) throw new TooLarge("a transaction has at most 4096 checks and 4096 writes");
    if (parts.length > 1) return this.#commitInParts(parts);
    const response = await this.#options.send(this.#requestOf(transaction));
    if (response.succeeded) return revisionOf(response);
    throw new Conflict(findChanged(transaction.checks, response) ?? "");
  }

  async #commitInParts(parts: readonly Transaction[]): Promise<Revision> {
    const absent = parts.map((_, index) => this.#options.keys.encode(`${ABSENT}/${index}`));
    const request = requestInParts(
      parts.map((part) => this.#requestOf(part)),
      absent,
    );
    try {
      return revisionOf(await this.#options.send(request));
    } catch (error) {
      if (error instanceof Conflict) throw new Conflict(await this.#findChanged(parts));
      throw error;
    }
  }

  /** The key of the first check that does not hold, which etcd has not told. */
  async #findChanged(parts: readonly Transaction[]): Promise<string> {
    for (const { checks } of parts) {
      const { failure } = this.#requestOf({ checks, writes: [] });
      const changed = findChanged(checks, await this.#options.send({ compare: [], success: failure, failure: [] }));
      if (changed !== undefined) return changed;
    }
    return "";
  }

  #requestOf({ checks, writes }: Transaction) {
    const keys = checks.map(({ key }) => this.#options.keys.encode(key));
    return {
      compare: checks.map(({ revision }, index) => ({
        key: keys[index],
        target: "Mod" as const,
        result: "Equal" as const,
        mod_revision: revision,
      })),
      success: writes.map((write) => this.#operationOf(write)),
      failure: keys.map((key) => ({ request_range: { key, keys_only: true } })),
    };
  }

  #operationOf({ key, value }: Write): IRequestOp {
    const encoded = this.#options.keys.encode(key);
    if (value) return { request_put: { key: encoded, value: asBuffer(value) } };
    return { request_delete_range: { key: encoded } };
  }
}

/** `answer` tells for the key of each check what is there. */
function findChanged(checks: readonly Check[], answer: ITxnResponse): string | undefined {
  const found = answer.responses.map((each) => Number(each.response_range.kvs[0]?.mod_revision ?? 0));
  return checks.find((check, index) => check.revision !== found[index])?.key;
}

const revisionOf = ({ header }: ITxnResponse): Revision => Number(header.revision);

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
