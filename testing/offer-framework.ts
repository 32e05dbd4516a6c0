// A small framework for tests that lives on offers: it starts as many of its tasks as it can on whatever it is offered.

import { offers } from "../api/kctl-scheduling/offer.ts";
import { isConflict, isNotFound } from "../api/meta/status.ts";
import { pause } from "../lib/clock.ts";
import { newPod } from "./builders.ts";
import type { Component } from "./cluster.ts";

interface OfferFrameworkOptions {
  readonly name: string;
  readonly tasks: number;
  /** Of each task. */
  readonly cpu: string;
}

interface Answer {
  readonly results: readonly { readonly started: boolean }[];
}

const TASKS_AT_ONCE = 5;
const LOOKS_EVERY_MS = 100;

/** What registers the framework. */
export const frameworkObject = (name: string) => ({
  apiVersion: "scheduling.kctl.dev/v1",
  kind: "Framework",
  metadata: { name },
  spec: { role: name, namespaces: ["default"] },
});

export const offerFramework =
  ({ name, tasks: count, cpu }: OfferFrameworkOptions): Component =>
  async ({ client, clock }, signal) => {
    const fieldSelector = `spec.framework=${name},status.phase=Outstanding`;
    let next = 0;
    while (!signal.aborted && next < count) {
      await pause(clock, LOOKS_EVERY_MS, signal);
      for (const { metadata } of (await client.list(offers, { fieldSelector })).items) {
        const length = Math.min(TASKS_AT_ONCE, count - next);
        const tasks = Array.from({ length }, (_, index) => {
          const { metadata: named, spec } = newPod(`${name}-${next + index}`, { cpu, memory: "1Mi" });
          return { metadata: named, spec };
        });
        if (tasks.length === 0) break;
        const target = { name: metadata.name, subresource: "accept" };
        const answer = await client
          .createSubresource(offers, target, { tasks, filterSeconds: 0 })
          .catch((error: unknown): Answer => {
            // The offer has been rescinded or has expired meanwhile.
            if (isConflict(error) || isNotFound(error)) return { results: [] };
            throw error;
          });
        // Tasks are started in order, as far as there is room.
        const { results } = answer as Answer;
        const failed = results.findIndex(({ started }) => !started);
        next += failed < 0 ? results.length : failed;
      }
    }
  };
