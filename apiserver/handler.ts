// The API server as a function: request in, response out. It finds out who asks, what for and whether they may, lets the verb
// do the work, and turns every failure into a Status. It never throws, and knows nothing of sockets.

import { namespaces } from "../api/core/namespace.ts";
import { reasonOf, StatusError } from "../api/meta/status.ts";
import type { Verb } from "../api/resource.ts";
import type { Clock } from "../lib/clock.ts";
import type { Handler, HttpRequest, HttpResponse, UserInfo } from "../lib/http.ts";
import type { Log } from "../lib/log.ts";
import type { ApiRequest } from "./api-request.ts";
import { impersonate } from "./auth/impersonation.ts";
import { forbiddenRequest, type Attributes } from "./authorizer.ts";
import { findServe, isConnection, notAllowed, notServed, verbOf } from "./dispatch.ts";
import { explainFailure, retryAfterSeconds } from "./failure.ts";
import { Negotiator } from "./negotiation.ts";
import { omit } from "./omit.ts";
import type { Readiness } from "./readiness.ts";
import { renderAnswer, renderData } from "./render-answer.ts";
import type { RequestMetrics } from "./request-metrics.ts";
import { findRoute, type ResourceRoute, type Route, type VirtualRoute } from "./routes.ts";
import { limitingSelector, selectedName } from "./registry/selection.ts";
import type { Server } from "./server.ts";
import { convertAnswer } from "./versions.ts";
import { serveVirtual } from "./virtual/index.ts";
import { renderWarnings } from "./warnings.ts";

export interface HandlerOptions {
  readonly server: Server;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RequestMetrics;
  /** What all but the public paths wait for. */
  readonly readiness: Readiness;
  /** Paths that are no resource's: discovery, health, metrics. Undefined where there is nothing. */
  serveOther(request: HttpRequest): Promise<HttpResponse | undefined>;
  /** Whether the path may be read without saying who one is. */
  isPublic(path: string): boolean;
}

/** What is told of a request once it is answered. */
interface Trace {
  verb: string;
  target?: ApiRequest;
}

/** The handler answers every request and never rejects. It counts each one, and logs failures that nobody has foreseen. */
export function createHandler(options: HandlerOptions): Handler {
  const { clock, log, metrics } = options;
  const pipeline = new Pipeline(options);
  return async (http) => {
    const startMs = clock.monotonic();
    const trace: Trace = { verb: http.method };
    const response = await pipeline.answer(http, trace).catch((cause: unknown) => {
      const { error, isUnexpected } = explainFailure(cause);
      if (isUnexpected && !http.signal.aborted) {
        log.error("a request has failed unexpectedly", { method: http.method, path: http.path, error: cause });
      }
      return renderFailure(error, http);
    });
    const isDryRun = http.query.has("dryRun");
    metrics.observe({ ...trace, isDryRun }, (clock.monotonic() - startMs) / 1000, response.status);
    return response;
  };
}

/** The Status of a failure below the API, such as a request that makes no sense as HTTP. */
export const renderHttpFailure = (code: number, message: string): HttpResponse =>
  renderData(code, new StatusError(reasonOf(code), message, { code }).toStatus(), { encoding: "json", pretty: false });

function renderFailure(error: StatusError, http: HttpRequest): HttpResponse {
  const encoding = http.headers.accept?.startsWith("application/yaml") ? "yaml" : "json";
  const response = renderData(error.code, error.toStatus(), { encoding, pretty: false });
  const seconds = retryAfterSeconds(error);
  return seconds === undefined
    ? response
    : { ...response, headers: { ...response.headers, "retry-after": String(seconds) } };
}

class Pipeline {
  readonly #options: HandlerOptions;
  readonly #negotiator = new Negotiator();

  constructor(options: HandlerOptions) {
    this.#options = options;
  }

  async answer(http: HttpRequest, trace: Trace): Promise<HttpResponse> {
    const { isPublic, readiness, server } = this.#options;
    if (!isPublic(http.path)) await readiness.wait(http);
    const known = await server.auth.authenticate(http);
    const user = known && impersonate(known, http, server.auth.authorizer);
    if (!user && !isPublic(http.path)) throw new StatusError("Unauthorized", "Unauthorized");
    const route = findRoute(server.resources, http.path);
    if (!user) return this.#answerOther(http, user, route.kind);
    switch (route.kind) {
      case "resource":
        return this.#answerResource(http, route, { user, trace });
      case "virtual":
        return this.#answerVirtual(http, route, { user, trace });
      default:
        return this.#answerOther(http, user, route.kind);
    }
  }

  async #answerResource(
    http: HttpRequest,
    route: ResourceRoute,
    { user, trace }: { readonly user: UserInfo; readonly trace: Trace },
  ): Promise<HttpResponse> {
    const form = this.#negotiator.formFor(http);
    const { served, version, namespace: inPath, subresource, rest, isWatch } = route;
    const authorize = (also: Verb) =>
      this.#authorize({ ...omit(route, "kind"), user, verb: also, path: http.path, resource: version });
    const request: ApiRequest = {
      served,
      version,
      namespace: inPath,
      name: route.name,
      subresource,
      rest,
      isWatch,
      http,
      user,
      form,
      authorize,
      warnings: [],
    };
    trace.target = request;
    const verb = verbOf(request);
    trace.verb = isConnection(request) ? "CONNECT" : (METRIC_VERBS[verb] ?? http.method);
    const name = request.name ?? (verb === "list" || verb === "watch" ? selectedName(http.query) : undefined);
    const namespace = request.namespace ?? ownNamespace(request);
    const fieldSelector = COLLECTION_VERBS.has(verb) ? limitingSelector(http.query) : undefined;
    this.#authorize({ user, verb, path: http.path, resource: version, namespace, name, subresource, fieldSelector });
    const serve = findServe(request, verb);
    const answer = convertAnswer(await serve(this.#options.server, request), request);
    const warnings = [...(version.deprecation ? [version.deprecation] : []), ...request.warnings];
    return withWarnings(renderAnswer(answer, request, this.#options.clock.now()), warnings);
  }

  async #answerVirtual(
    http: HttpRequest,
    route: VirtualRoute,
    { user, trace }: { readonly user: UserInfo; readonly trace: Trace },
  ): Promise<HttpResponse> {
    trace.verb = http.method;
    if (http.method !== "POST") throw notAllowed();
    const { namespace, resource } = route;
    this.#authorize({ user, verb: "create", path: http.path, resource, namespace });
    const form = this.#negotiator.formFor(http, "virtual");
    const warnings: string[] = [];
    const answer = await serveVirtual(this.#options.server, route, { http, user, form, namespace, warnings });
    return withWarnings(renderData(answer.status, answer.data, form), warnings);
  }

  async #answerOther(http: HttpRequest, user: UserInfo | undefined, kind: Route["kind"]): Promise<HttpResponse> {
    if (user) this.#authorize({ user, verb: http.method.toLowerCase(), path: http.path });
    const response = await this.#options.serveOther(http);
    if (!response && kind === "missing") throw notServed();
    if (response && http.method !== "GET" && DOCUMENT_PATH.test(http.path)) throw notAllowed();
    return response ?? PAGE_NOT_FOUND;
  }

  #authorize(attributes: Attributes): void {
    const { verdict, reason } = this.#options.server.auth.authorizer.authorize(attributes);
    if (verdict !== "allow") throw forbiddenRequest(attributes, reason);
  }
}

const COLLECTION_VERBS: ReadonlySet<string> = new Set(["list", "watch", "deletecollection"]);

/** A namespace lies in itself, so that its roles may speak of it. */
const ownNamespace = ({ version, name }: ApiRequest) =>
  version.plural === namespaces.plural && version.group === namespaces.group ? name : undefined;

/** What discovery and the version are served at. They are only ever got; checks of health and the like take any method. */
const DOCUMENT_PATH = /^\/(api|apis|version)(\/|$)/;

/** Paths that lead to no group and version are answered as Go's server answers them. */
const PAGE_NOT_FOUND: HttpResponse = {
  status: 404,
  headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  body: { kind: "bytes", bytes: Buffer.from("404 page not found\n") },
};

const METRIC_VERBS: Readonly<Record<string, string | undefined>> = {
  get: "GET",
  list: "LIST",
  watch: "WATCH",
  create: "POST",
  update: "PUT",
  patch: "PATCH",
  delete: "DELETE",
  deletecollection: "DELETE",
};

function withWarnings(response: HttpResponse, warnings: readonly string[]): HttpResponse {
  const warning = warnings.length > 0 ? renderWarnings(warnings) : undefined;
  return warning === undefined ? response : { ...response, headers: { ...response.headers, warning } };
}
