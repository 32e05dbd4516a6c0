// Carries out the steps that planPod decided on: the effects of the kubelet, each in a few lines, each idempotent.

import { join } from "node:path";
import type { Container, EphemeralContainer } from "../api/core/container.ts";
import type { Pod } from "../api/core/pod.ts";
import type { Service } from "../api/core/service.ts";
import { withDeadline } from "../client/deadline.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import type { Lister } from "../client/informer.ts";
import type { Clock } from "../lib/clock.ts";
import { errorMessage } from "../lib/error-message.ts";
import type { RuntimeClass } from "../api/node/runtime-class.ts";
import { ContainerMounts } from "./container-mounts.ts";
import { buildContainerSpec, buildLimits, describeIgnored, seccompOf, verifyNonRoot } from "./container-spec.ts";
import { containerSubject } from "./container-subject.ts";
import { buildEnvironment, type EnvironmentSources } from "./environment.ts";
import type { DownwardFacts } from "./field-ref.ts";
import type { ImagePuller } from "./image-puller.ts";
import { runHook, type LifecycleHandler } from "./lifecycle-hook.ts";
import type { ObjectReferences } from "./object-references.ts";
import type { NodeFiles } from "./node-files.ts";
import type { ClusterDns } from "./pod-dns.ts";
import { findDns } from "./pod-files.ts";
import type { SecurityModule } from "./node-status.ts";
import type { NodeFacts, StartStep, Step, StopStep } from "./pod-state.ts";
import type { RuntimeSnapshot } from "./runtime-snapshot.ts";
import type { PodTokens } from "./pod-tokens.ts";
import { untilAborted } from "./runtimes/abort.ts";
import { isRuntimeError } from "./runtimes/runtime-error.ts";
import type { ContainerRuntime } from "./runtimes/runtime.ts";
import { buildSandboxSpec } from "./sandbox-spec.ts";
import { isStatic } from "./static-pods/static-pod.ts";
import type { PodStatuses } from "./status-writer.ts";
import { StepError } from "./step-error.ts";
import type { TerminationMessages } from "./termination-messages.ts";
import type { PodVolumes, VolumeSources } from "./volumes/pod-volumes.ts";

export interface PodStepsDeps {
  readonly runtime: ContainerRuntime;
  readonly snapshot: RuntimeSnapshot;
  readonly images: ImagePuller;
  readonly volumes: PodVolumes;
  readonly references: ObjectReferences;
  readonly tokens: Pick<PodTokens, "get">;
  readonly services: Lister<Service> & { readonly synced: Promise<void> };
  /** Asked for by the first pod that has a class. */
  runtimeClasses(): Lister<RuntimeClass> & { readonly synced: Promise<void> };
  readonly files: NodeFiles;
  /** The kubelet's own; profiles for seccomp are below it. */
  readonly rootDirectory: string;
  readonly securityModules: readonly SecurityModule[];
  readonly pidsMax: number;
  readonly messages: TerminationMessages;
  readonly status: PodStatuses;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly node: NodeFacts & { readonly name: string };
  readonly dns: ClusterDns;
  /** By resource name, as quantities. */
  readonly allocatable: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
}

/** What is left of the grace period after a preStop hook, at least. */
const GRACE_SECONDS_MIN = 2;
const SECCOMP_BYTES_MAX = 1024 * 1024;

export class PodSteps {
  readonly #deps: PodStepsDeps;
  readonly #mounts: ContainerMounts;

  constructor(deps: PodStepsDeps) {
    this.#deps = deps;
    this.#mounts = new ContainerMounts(deps);
  }

  /** Rejects when the step failed, with the reason to show, or was broken off. */
  async perform(step: Step, pod: Pod, signal: AbortSignal): Promise<void> {
    const { runtime } = this.#deps;
    switch (step.kind) {
      case "set-up-volumes":
        return this.#setUpVolumes(pod, signal);
      case "create-sandbox":
        return this.#createSandbox(pod, step.attempt, signal);
      case "start-container":
        return this.#start(pod, step, signal);
      case "stop-container":
        return this.#stop(pod, step, signal);
      case "resize-container":
        return runtime.limits.set(step.id, buildLimits(step.container), signal);
      case "remove-volumes":
        return this.#deps.volumes.removeVolumes(pod.metadata.uid, signal);
      case "remove-container":
        return runtime.removeContainer(step.id, signal);
      case "remove-sandbox":
        return runtime.removeSandbox(step.id, signal);
      case "finish":
        await this.#deps.volumes.tearDown(pod.metadata.uid, signal);
        return this.#deps.status.delete(pod, signal);
    }
  }

  async #setUpVolumes(pod: Pod, signal: AbortSignal): Promise<void> {
    const { references, volumes, tokens } = this.#deps;
    await references.synced(pod.metadata.uid, signal);
    const token: VolumeSources["token"] = (projection) => tokens.get(pod, projection, signal);
    await volumes.setUp(pod, { ...this.#sources(pod), token, signal });
  }

  async #createSandbox(pod: Pod, attempt: number, signal: AbortSignal): Promise<void> {
    const { runtime, events } = this.#deps;
    const clusterDomain = this.#deps.dns.domain;
    const about = { object: pod };
    if (attempt > 0) {
      events.record(about, "Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
    }
    try {
      const runtimeHandler = await this.#runtimeHandler(pod, signal);
      const dns = await findDns(pod, this.#deps);
      await runtime.createSandbox(buildSandboxSpec(pod, { attempt, dns, clusterDomain, runtimeHandler }), signal);
    } catch (error) {
      const message = `Failed to create pod sandbox: ${errorMessage(error)}`;
      if (!signal.aborted) events.record(about, "Warning", "FailedCreatePodSandBox", message);
      throw error;
    }
  }

  /** Admission has seen that the class is there; it may be gone since. */
  async #runtimeHandler({ spec }: Pod, signal: AbortSignal): Promise<string> {
    const name = spec.runtimeClassName;
    if (!name) return "";
    const classes = this.#deps.runtimeClasses();
    await untilAborted(signal, classes.synced);
    const found = classes.get({ name });
    if (found) return found.handler;
    const message = `failed to get runtime handler for RuntimeClass "${name}": it does not exist`;
    throw new StepError("CreatePodSandboxError", message);
  }

  async #start(pod: Pod, step: StartStep, signal: AbortSignal): Promise<void> {
    const { references, services, images, runtime, events, memoryBytes, pidsMax } = this.#deps;
    const { container } = step;
    const { namespace = "", uid } = pod.metadata;
    // A static pod starts without the API, too, and then knows of the services that were there.
    await Promise.all([references.synced(uid, signal), isStatic(pod) ? undefined : services.synced]);
    const secrets = (pod.spec.imagePullSecrets ?? []).flatMap(
      ({ name = "" }) => references.secret(namespace, name) ?? [],
    );
    const image = await images.ensure({ pod, container, secrets }, signal);
    verifyNonRoot(pod, container, image);
    const environment = buildEnvironment(pod, container, this.#sources(pod));
    const spec = buildContainerSpec(pod, step, {
      environment,
      mounts: await this.#mounts.make(pod, step, { environment, podIP: this.#podIP(pod), signal }),
      imageUser: image.user,
      seccompProfile: await this.#seccompProfile(pod, container),
      processesOf: this.#target(pod, container),
      pidsMax,
      memoryBytes,
    });
    const about = containerSubject(pod, container.name);
    try {
      const { id, warnings } = await runtime.startContainer(step.sandboxId, spec, signal);
      events.record(about, "Normal", "Created", `Created container: ${container.name}`);
      events.record(about, "Normal", "Started", `Started container ${container.name}`);
      const ignored = step.attempt === 0 ? describeIgnored(pod, container, this.#deps.securityModules) : [];
      for (const warning of [...warnings, ...ignored]) events.record(about, "Warning", "Unsupported", warning);
      await this.#postStart(pod, { container, id }, signal);
    } catch (error) {
      // The attempt was made and is seen in the runtime as one that ended.
      if (!isRuntimeError(error, "StartError")) throw error;
      events.record(about, "Warning", "Failed", `Error: ${error.message}`);
    }
  }

  /** The text of a profile of the node. */
  async #seccompProfile(pod: Pod, container: Container): Promise<string | undefined> {
    const profile = seccompOf(pod, container);
    if (profile?.type !== "Localhost") return undefined;
    const { files, rootDirectory } = this.#deps;
    const path = join(rootDirectory, "seccomp", profile.localhostProfile ?? "");
    const text = Buffer.from(await files.readStart(path, SECCOMP_BYTES_MAX)).toString();
    if (text !== "") return text;
    throw new StepError("CreateContainerError", `cannot load seccomp profile "${path}": no such file, or an empty one`);
  }

  /** The container whose processes one for debugging is to see. */
  #target(pod: Pod, container: EphemeralContainer): string | undefined {
    const name = container.targetContainerName;
    if (!name) return undefined;
    const { containers = [] } = this.#deps.snapshot.get(pod.metadata.uid) ?? {};
    const found = containers.find((each) => each.name === name && each.state === "running");
    if (found) return found.id;
    throw new StepError("CreateContainerError", `unable to find target container ${name}`);
  }

  async #postStart(
    pod: Pod,
    { container, id }: { readonly container: Container; readonly id: string },
    signal: AbortSignal,
  ): Promise<void> {
    const handler = container.lifecycle?.postStart;
    if (!handler) return;
    try {
      await this.#hook(handler, { pod, container, id }, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const { runtime, events } = this.#deps;
      events.record(containerSubject(pod, container.name), "Warning", "FailedPostStartHook", "PostStartHook failed");
      await runtime.stopContainer(id, pod.spec.terminationGracePeriodSeconds ?? GRACE_SECONDS_MIN, signal);
    }
  }

  async #stop(pod: Pod, step: StopStep, signal: AbortSignal): Promise<void> {
    const { runtime, events, clock } = this.#deps;
    const { running, container, message, graceSeconds } = step;
    const beganMs = clock.monotonic();
    events.record(containerSubject(pod, running.name), "Normal", "Killing", message);
    const handler = container?.lifecycle?.preStop;
    if (handler && running.state === "running") await this.#preStop(pod, { step, container, handler }, signal);
    const leftSeconds = Math.ceil(graceSeconds - (clock.monotonic() - beganMs) / 1000);
    await runtime.stopContainer(running.id, Math.max(leftSeconds, Math.min(graceSeconds, GRACE_SECONDS_MIN)), signal);
  }

  /** The hook may take the whole grace period. Whether it works or not, the container stops afterwards. */
  async #preStop(
    pod: Pod,
    {
      step,
      container,
      handler,
    }: { readonly step: StopStep; readonly container: Container; readonly handler: LifecycleHandler },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, events } = this.#deps;
    const target = { pod, container, id: step.running.id };
    try {
      await withDeadline({ clock, delayMs: step.graceSeconds * 1000, signal }, (limited) =>
        this.#hook(handler, target, limited),
      );
    } catch (error) {
      if (signal.aborted) throw error;
      events.record(containerSubject(pod, container.name), "Warning", "FailedPreStopHook", "PreStopHook failed");
    }
  }

  #hook(
    handler: LifecycleHandler,
    { pod, container, id }: { readonly pod: Pod; readonly container: Container; readonly id: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { runtime, clock, node } = this.#deps;
    const host = this.#podIP(pod) ?? node.hostIPs[0] ?? "";
    return runHook(handler, { target: { container, containerId: id, host, runtime }, clock }, signal);
  }

  #podIP(pod: Pod): string | undefined {
    const { snapshot, node } = this.#deps;
    if (pod.spec.hostNetwork) return node.hostIPs[0];
    return snapshot.get(pod.metadata.uid)?.sandboxes.find(({ running }) => running)?.ip ?? pod.status.podIP;
  }

  #sources(pod: Pod): EnvironmentSources {
    const { references, services, node, allocatable } = this.#deps;
    const { namespace = "" } = pod.metadata;
    const facts: DownwardFacts = { podIP: this.#podIP(pod), hostIPs: node.hostIPs, nodeName: node.name, allocatable };
    return {
      services: services.list(),
      facts,
      configMap: (name) => references.configMap(namespace, name),
      secret: (name) => references.secret(namespace, name),
    };
  }
}
