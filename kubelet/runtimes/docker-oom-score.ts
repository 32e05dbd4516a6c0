// Lowering a program's OOM score needs a capability that Docker lacks on some machines, where such a container cannot be
// started at all. This finds out once, with a container of its own, and goes without where it has to.

import type { Log } from "../../lib/log.ts";
import { ignoring, isStatus, type DockerEngine } from "./docker-engine.ts";
import { labels, PAUSE_IMAGE, type NodeScope } from "./docker-spec.ts";
import type { ContainerSpec } from "./runtime.ts";

export class OomScoreProbe {
  readonly #engine: DockerEngine;
  readonly #context: NodeScope & { readonly log: Log };
  #canLower: Promise<boolean> | undefined;

  constructor(engine: DockerEngine, context: NodeScope & { readonly log: Log }) {
    this.#engine = engine;
    this.#context = context;
  }

  /** The spec, without a negative OOM score where this machine cannot give one. */
  async adapt(spec: ContainerSpec, signal: AbortSignal): Promise<ContainerSpec> {
    if ((spec.resources?.oomScoreAdj ?? 0) >= 0) return spec;
    this.#canLower ??= this.#probe(signal).catch((error: unknown) => {
      this.#canLower = undefined;
      throw error;
    });
    if (await this.#canLower) return spec;
    return { ...spec, resources: { ...spec.resources, oomScoreAdj: 0 } };
  }

  async #probe(signal: AbortSignal): Promise<boolean> {
    const body = {
      Image: PAUSE_IMAGE,
      Labels: { [labels.cluster]: this.#context.cluster },
      HostConfig: { NetworkMode: "none", OomScoreAdj: -1, AutoRemove: true, LogConfig: { Type: "none" } },
    };
    const created = await this.#engine.call({ method: "POST", path: "/containers/create", body, signal });
    const path = `/containers/${(created as { Id: string }).Id}`;
    try {
      await this.#engine.call({ method: "POST", path: `${path}/start`, signal });
      return true;
    } catch (error) {
      if (!isStatus(error, 400, 500)) throw error;
      this.#context.log.warn("this machine cannot lower OOM scores: guaranteed pods go without", { error });
      return false;
    } finally {
      await ignoring([404, 409], this.#engine.call({ method: "DELETE", path, query: { force: true }, signal }));
    }
  }
}
