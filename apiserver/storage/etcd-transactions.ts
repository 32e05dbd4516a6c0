// Transactions on their way to etcd. A few requests may be under way at a time; the transactions that come meanwhile go together
// in the next one, each nested in it with its own checks and its own outcome. One request, and one write to etcd's disk, then
// serves many callers, where otherwise each would pay for one.

import type { IRequestOp, ITxnRequest, ITxnResponse } from "./etcd-client.ts";
import type { EtcdKeys } from "./etcd-keys.ts";
import { partsOf, requestInParts } from "./large-transaction.ts";
import { chooseTogether } from "./together.ts";
import { Conflict, TooLarge, type Check, type Revision, type Transaction, type Write } from "./store.ts";

export interface EtcdTransactionsOptions {
  readonly keys: EtcdKeys;
  send(request: ITxnRequest): Promise<ITxnResponse>;
}

interface Waiting {
  readonly transaction: Transaction;
  resolve(revision: Revision): void;
  reject(reason: unknown): void;
}

/** Below it no key is ever written. */
const ABSENT = "/gantry/absent";
/** One is on etcd's disk while the other is on its way. */
const UNDER_WAY_MAX = 2;
/** Who waits further behind is not looked at yet. */
const LOOKED_AT_MAX = 512;

export class EtcdTransactions {
  readonly #options: EtcdTransactionsOptions;
  /** Bound: as many as there are callers. */
  readonly #waiting: Waiting[] = [];
  #underWay = 0;

  constructor(options: EtcdTransactionsOptions) {
    this.#options = options;
  }

  /** As Store.commit. */
  async commit(transaction: Transaction): Promise<Revision> {
    const parts = partsOf(transaction);
    if (!parts) throw new TooLarge("a transaction has at most 4096 checks and 4096 writes");
    if (parts.length > 1) return this.#commitInParts(parts);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ transaction, resolve, reject });
      this.#sendNext();
    });
  }

  #sendNext(): void {
    while (this.#underWay < UNDER_WAY_MAX && this.#waiting.length > 0) {
      const first = this.#waiting.splice(0, LOOKED_AT_MAX);
      const chosen = chooseTogether(first.map(({ transaction }) => transaction));
      const group = first.filter((_, index) => chosen.has(index));
      this.#waiting.unshift(...first.filter((_, index) => !chosen.has(index)));
      this.#underWay += 1;
      void this.#send(group).finally(() => {
        this.#underWay -= 1;
        this.#sendNext();
      });
    }
  }

  /** Never rejects: each caller learns the outcome of its own transaction. */
  async #send(group: readonly Waiting[]): Promise<void> {
    try {
      const requests = group.map(({ transaction }) => this.#requestOf(transaction));
      const [first] = requests;
      const isAlone = requests.length === 1 && first;
      const together = { compare: [], success: requests.map((each) => ({ request_txn: each })), failure: [] };
      const response = await this.#options.send(isAlone ? first : together);
      const answers = isAlone ? [response] : response.responses.map((each) => each.response_txn);
      group.forEach((each, index) => settle(each, answers[index], Number(response.header.revision)));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  async #commitInParts(parts: readonly Transaction[]): Promise<Revision> {
    const absent = parts.map((_, index) => this.#options.keys.encode(`${ABSENT}/${index}`));
    const request = requestInParts(
      parts.map((part) => this.#requestOf(part)),
      absent,
    );
    try {
      return Number((await this.#options.send(request)).header.revision);
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

function settle({ transaction, resolve, reject }: Waiting, answer: ITxnResponse | undefined, revision: Revision): void {
  if (!answer) throw new Error("etcd has left out a transaction of those that it was asked to make together");
  if (answer.succeeded) return resolve(revision);
  reject(new Conflict(findChanged(transaction.checks, answer) ?? ""));
}

/** `answer` tells for the key of each check what is there. */
function findChanged(checks: readonly Check[], answer: ITxnResponse): string | undefined {
  const found = answer.responses.map((each) => Number(each.response_range.kvs[0]?.mod_revision ?? 0));
  return checks.find((check, index) => check.revision !== found[index])?.key;
}

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
