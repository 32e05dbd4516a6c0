// Reaches the API server as a service account: asks for a token when one is needed, as whoever may, and sends it along. The
// account is made where it is missing.

import type { TokenRequest } from "../api/authentication/token-request.ts";
import { serviceAccounts } from "../api/core/service-account.ts";
import { isAlreadyExists, isNotFound } from "../api/meta/status.ts";
import type { Clock } from "../lib/clock.ts";
import type { Handler } from "../lib/http.ts";
import type { Client } from "./client.ts";

export interface AccountTransportOptions {
  /** The way to the API server for somebody without a name. */
  readonly anonymous: Handler;
  /** Asks for the tokens, and makes the account. */
  readonly client: Client;
  readonly account: { readonly namespace: string; readonly name: string };
  readonly clock: Clock;
}

const TOKEN_SECONDS = 3607;
/** The share of its life after which a token is asked for anew. */
const RENEW_AT = 0.8;

interface HeldToken {
  readonly text: string;
  readonly renewAtMs: number;
}

/** Requests reject with what asking for a token has failed with. */
export function accountTransport({ anonymous, client, account, clock }: AccountTransportOptions): Handler {
  /** Shared by all requests that wait for it. */
  let held: Promise<HeldToken> | undefined;
  const currentToken = async (): Promise<string> => {
    const before = held;
    // A failure was told to those who waited for it; it is no reason not to ask again.
    const token = await before?.catch(() => undefined);
    if (token && clock.now() < token.renewAtMs) return token.text;
    if (held === before) held = askForToken({ client, account, clock });
    return (await (held ?? askForToken({ client, account, clock }))).text;
  };
  return async (request) => {
    const authorization = `Bearer ${await currentToken()}`;
    const response = await anonymous({ ...request, headers: { ...request.headers, authorization } });
    // The account was deleted, or the server has other keys by now: the next request asks for a token.
    if (response.status === 401) held = undefined;
    return response;
  };
}

type Asking = Pick<AccountTransportOptions, "client" | "account" | "clock">;

async function askForToken({ client, account, clock }: Asking): Promise<HeldToken> {
  const body = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { audiences: [], expirationSeconds: TOKEN_SECONDS },
  };
  const ask = () => client.createSubresource(serviceAccounts, { ...account, subresource: "token" }, body);
  const answer = await ask().catch(async (error: unknown) => {
    if (!isNotFound(error)) throw error;
    await client.create(serviceAccounts, { metadata: account }).catch((failure: unknown) => {
      if (!isAlreadyExists(failure)) throw failure;
    });
    return ask();
  });
  const { token, expirationTimestamp } = (answer as TokenRequest).status;
  const lifeMs = Date.parse(expirationTimestamp) - clock.now();
  return { text: token, renewAtMs: clock.now() + lifeMs * RENEW_AT };
}
