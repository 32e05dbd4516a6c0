// The kubelet's own endpoint: what it tells and does for the API server, for monitoring, and for those who may reach it directly.
// The paths, and the rights that they take, are Kubernetes'.

import { StatusError } from "../../api/meta/status.ts";
import { HttpError, type Handler, type HttpRequest, type HttpResponse } from "../../lib/http.ts";
import { isRuntimeError } from "../runtimes/runtime-error.ts";
import { containerRoutes } from "./container-routes.ts";
import { KubeletAccess } from "./kubelet-access.ts";
import { nodeRoutes } from "./node-routes.ts";
import { text, type KubeletHandlerDeps, type Route, type Routes } from "./route.ts";

const routes: Routes = { ...nodeRoutes, ...containerRoutes };
const READ = ["GET", "HEAD"];

/** Answers every request; failures are plain text, as a kubelet's are. */
export function createKubeletHandler(deps: KubeletHandlerDeps): Handler {
  const access = new KubeletAccess(deps);
  return async (request) => {
    const refusal = await access.refuse(request);
    if (refusal) return text(refusal.status, refusal.message);
    const found = findRoute(request.path.slice(1).replace(/\/$/, ""));
    if (!found) return text(404, "404 page not found");
    const { route, names } = found;
    const { methods = READ } = route;
    if (!methods.includes(request.method)) return text(405, "405: Method Not Allowed");
    try {
      return await route.serve(deps, request, names);
    } catch (error) {
      return answerFailure(deps, request, error);
    }
  };
}

/** By the whole path, or by its first part with as many names behind it as the route takes. */
function findRoute(path: string): { readonly route: Route; readonly names: readonly string[] } | undefined {
  if (path === "logs" || path.startsWith("logs/")) return { route: routes["logs"] as Route, names: [] };
  const [first = "", ...names] = path.split("/");
  const key = Object.hasOwn(routes, path) ? path : first;
  const route = Object.hasOwn(routes, key) ? routes[key] : undefined;
  const given = key === path ? [] : names;
  return route && (route.names ?? 0) === given.length ? { route, names: given } : undefined;
}

function answerFailure({ log }: KubeletHandlerDeps, { method, path }: HttpRequest, error: unknown): HttpResponse {
  if (error instanceof StatusError || error instanceof HttpError) return text(error.code, error.message);
  if (isRuntimeError(error, "NotFound")) return text(404, error.message);
  log.error("A request to the kubelet failed", { method, path, error });
  return text(500, "the kubelet failed to answer; its log says why");
}
