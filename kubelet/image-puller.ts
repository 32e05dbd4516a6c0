// Makes sure that a container's image is on the node before it starts, by its pull policy. Pulls of one image are shared,
// and only so many run at once. When to try again after a failure is the pod worker's affair.

import type { Container } from "../api/core/container.ts";
import type { Pod } from "../api/core/pod.ts";
import type { Secret } from "../api/core/secret.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import type { Clock } from "../lib/clock.ts";
import { renderDuration } from "../lib/duration.ts";
import { errorMessage } from "../lib/error-message.ts";
import { containerSubject } from "./container-subject.ts";
import type { PulledImages } from "./images/pulled-images.ts";
import { findCredentials } from "./registry-credentials.ts";
import type { ImageStore, RuntimeImage } from "./runtimes/image-store.ts";
import { isRuntimeError } from "./runtimes/runtime-error.ts";
import { StepError } from "./step-error.ts";

export interface ImagePullerDeps {
  readonly images: ImageStore;
  /** Remembers what was brought to the node. */
  readonly pulled: Pick<PulledImages, "note">;
  readonly events: EventRecorder;
  readonly clock: Clock;
  /** Pulls at the same time. */
  readonly concurrency: number;
}

export interface ImageRequest {
  readonly pod: Pod;
  readonly container: Container;
  /** The pod's imagePullSecrets that exist. */
  readonly secrets: readonly Secret[];
}

export class ImagePuller {
  readonly #deps: ImagePullerDeps;
  #pulling = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(deps: ImagePullerDeps) {
    this.#deps = deps;
  }

  /** Throws StepError ErrImagePull, ErrImageNeverPull or InvalidImageName. */
  async ensure({ pod, container, secrets }: ImageRequest, signal: AbortSignal): Promise<RuntimeImage> {
    const { images, events } = this.#deps;
    const { image = "", imagePullPolicy } = container;
    const about = containerSubject(pod, container.name);
    const present = imagePullPolicy === "Always" ? undefined : await images.get(image, signal);
    if (present) {
      events.record(about, "Normal", "Pulled", `Container image "${image}" already present on machine`);
      return present;
    }
    if (imagePullPolicy === "Never") {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      events.record(about, "Warning", "ErrImageNeverPull", message);
      throw new StepError("ErrImageNeverPull", message);
    }
    events.record(about, "Normal", "Pulling", `Pulling image "${image}"`);
    return this.#pull({ pod, container, secrets }, signal);
  }

  async #pull({ pod, container, secrets }: ImageRequest, signal: AbortSignal): Promise<RuntimeImage> {
    const { images, events, clock, pulled: memory } = this.#deps;
    const { image = "" } = container;
    const about = containerSubject(pod, container.name);
    const askedMs = clock.monotonic();
    await this.#begin(signal);
    const beganMs = clock.monotonic();
    try {
      const before = (await images.get(image, signal))?.id;
      const pulled = await images.pull(image, { signal, credentials: findCredentials(image, secrets) });
      await memory.note(image, { id: pulled.id, before });
      const took = renderDuration(Math.round(clock.monotonic() - beganMs));
      const waited = renderDuration(Math.round(clock.monotonic() - askedMs));
      const size = `Image size: ${pulled.sizeBytes} bytes.`;
      const text = `Successfully pulled image "${image}" in ${took} (${waited} including waiting). ${size}`;
      events.record(about, "Normal", "Pulled", text);
      return pulled;
    } catch (error) {
      if (signal.aborted) throw error;
      const message = errorMessage(error);
      events.record(about, "Warning", "Failed", `Failed to pull image "${image}": ${message}`);
      const reason = isRuntimeError(error, "InvalidImageName") ? "InvalidImageName" : "ErrImagePull";
      throw new StepError(reason, message, { cause: error });
    } finally {
      this.#end();
    }
  }

  /** Bound of those who wait: the containers of this node. */
  async #begin(signal: AbortSignal): Promise<void> {
    while (this.#pulling >= this.#deps.concurrency) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    signal.throwIfAborted();
    this.#pulling++;
  }

  #end(): void {
    this.#pulling--;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
