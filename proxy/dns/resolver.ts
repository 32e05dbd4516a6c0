// A question's whole answer: the cluster's names from the caches, all others from other servers, and aliases followed from one
// to the other.

import { answerInZone, type ClusterView } from "./cluster-zone.ts";
import type { Forwarder } from "./forwarder.ts";
import type { DnsRecord, Question, Reply } from "./message.ts";

export interface ResolverOptions {
  /** Such as `cluster.local`, in lower case. */
  readonly domain: string;
  readonly view: ClusterView;
  readonly forwarder: Pick<Forwarder, "recall" | "ask">;
}

/** Aliases of aliases; beyond, they lead in a circle. */
const ALIASES_MAX = 8;

export class Resolver {
  readonly #options: ResolverOptions;

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** A promise only where others must be asked. */
  resolve(question: Question): Reply | Promise<Reply> {
    const { domain, view } = this.#options;
    const found = answerInZone(question, domain, view);
    if (!found) return this.#forward(question);
    const { alias, ...reply } = found;
    if (alias === undefined) return { ...reply, isAuthoritative: true };
    return this.#follow(question, { alias, answers: found.answers });
  }

  #forward(question: Question): Reply | Promise<Reply> {
    const { forwarder } = this.#options;
    const known = forwarder.recall(question);
    if (known) return { ...known, isAuthoritative: false };
    return forwarder.ask(question).then((reply) => ({ ...reply, isAuthoritative: false }));
  }

  async #follow(
    question: Question,
    first: { readonly alias: string; readonly answers: readonly DnsRecord[] },
  ): Promise<Reply> {
    const { domain, view } = this.#options;
    const answers = [...first.answers];
    let next = { name: first.alias, type: question.type };
    for (let count = 1; count < ALIASES_MAX; count += 1) {
      const found = answerInZone(next, domain, view);
      const reply = found ?? (await this.#forward(next));
      answers.push(...reply.answers);
      if (found?.alias === undefined) return { ...reply, answers, isAuthoritative: true };
      next = { name: found.alias, type: question.type };
    }
    return { code: "SERVFAIL", answers: [], authorities: [], additionals: [], isAuthoritative: true };
  }
}
