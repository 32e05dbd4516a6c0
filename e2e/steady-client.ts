// A client that asks a URL steadily, each time on a new connection, and counts what fails: how a user notices a rollout.

import { get } from "node:http";

export interface SteadyResult {
  readonly answered: number;
  readonly failures: readonly string[];
}

export class SteadyClient {
  readonly #failures: string[] = [];
  readonly #stop = new AbortController();
  readonly #finished: Promise<void>;
  #answered = 0;

  /** Keeps one request under way at a time, with `pauseMs` between two. */
  constructor(url: string, pauseMs = 5) {
    this.#finished = this.#run(url, pauseMs);
  }

  get answered(): number {
    return this.#answered;
  }

  async stop(): Promise<SteadyResult> {
    this.#stop.abort();
    await this.#finished;
    return { answered: this.#answered, failures: this.#failures };
  }

  async #run(url: string, pauseMs: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await fetchText(url).then(
        () => this.#answered++,
        (error: unknown) => this.#failures.push(`at ${Math.round(performance.now())} ms: ${String(error)}`),
      );
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/** The body of a 200 answer; anything else rejects. */
export function fetchText(url: string, limitMs = 5000): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: limitMs }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("end", () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`${url} answered ${response.statusCode}`)),
      );
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error(`${url} gave no answer within ${limitMs} ms`)));
    request.on("error", reject);
  });
}
