// Who may use the kubelet's own endpoint: those whom the API server knows by their token, or who have a certificate of the
// cluster's authority, and who have the right that the request takes. Nobody without a name. What the API server has said is
// believed for a while, as long as Kubernetes' kubelet does.

import { createHash } from "node:crypto";
import { StatusError } from "../../api/meta/status.ts";
import type { Client } from "../../client/client.ts";
import { identifyNamed, isAllowed, reviewToken, tokenOf } from "../../client/delegated-access.ts";
import type { Clock } from "../../lib/clock.ts";
import type { HttpRequest, UserInfo } from "../../lib/http.ts";
import type { Log } from "../../lib/log.ts";
import { AnswerCache } from "./answer-cache.ts";
import { attributesOf, rightsFor } from "./request-attributes.ts";

export interface KubeletAccessDeps {
  readonly client: Client;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly log: Log;
}

const TOKEN_MS = 120_000;
const ALLOWED_MS = 300_000;
const DENIED_MS = 30_000;

/** Who is not let in, in the kubelet's words. */
export interface Refusal {
  readonly status: 401 | 403 | 500;
  readonly message: string;
}

const UNAUTHORIZED: Refusal = { status: 401, message: "Unauthorized" };

export class KubeletAccess {
  readonly #deps: KubeletAccessDeps;
  readonly #users: AnswerCache<UserInfo>;
  readonly #rights: AnswerCache<boolean>;

  constructor(deps: KubeletAccessDeps) {
    this.#deps = deps;
    this.#users = new AnswerCache(deps.clock);
    this.#rights = new AnswerCache(deps.clock);
  }

  /** Undefined where the request may go on. Never rejects. */
  async refuse(request: HttpRequest): Promise<Refusal | undefined> {
    const { method, path } = request;
    let user: UserInfo;
    try {
      user = await this.#authenticate(request);
    } catch (error) {
      if (!(error instanceof StatusError)) this.#deps.log.error("A token could not be reviewed", { path, error });
      return UNAUTHORIZED;
    }
    const { verb, subresources } = rightsFor(request);
    const what = (names: string) => `(user=${user.username}, verb=${verb}, resource=nodes, ${names})`;
    try {
      for (const subresource of subresources) {
        if (await this.#isAllowed(user, { verb, subresource, signal: request.signal })) return undefined;
      }
    } catch (error) {
      this.#deps.log.error("Whether a request is allowed could not be reviewed", { method, path, error });
      return { status: 500, message: `Authorization error ${what(`subresource(s)=[${subresources.join(" ")}]`)}` };
    }
    return { status: 403, message: `Forbidden ${what(`subresource(s)=[${subresources.join(" ")}]`)}\n` };
  }

  async #authenticate(request: HttpRequest): Promise<UserInfo> {
    const named = identifyNamed(request);
    if (named) return named;
    const token = tokenOf(request);
    // The memory of a kubelet is no place for tokens of others.
    return this.#users.get(createHash("sha256").update(token).digest("base64"), async () => ({
      value: await reviewToken(this.#deps.client, token, request.signal),
      forMs: TOKEN_MS,
    }));
  }

  #isAllowed(
    user: UserInfo,
    {
      verb,
      subresource,
      signal,
    }: { readonly verb: string; readonly subresource: string; readonly signal: AbortSignal },
  ): Promise<boolean> {
    const { client, nodeName } = this.#deps;
    return this.#rights.get(JSON.stringify([user, verb, subresource]), async () => {
      const attributes = attributesOf(nodeName, verb, subresource);
      const value = await isAllowed(client, { user, attributes, signal });
      return { value, forMs: value ? ALLOWED_MS : DENIED_MS };
    });
  }
}
