// The image of the sandboxes, made where it is missing: no registry is needed to start a pod.

import type { DockerEngine } from "./docker-engine.ts";
import { PAUSE_IMAGE } from "./docker-spec.ts";
import type { ImageStore } from "./image-store.ts";
import { buildPauseProgram, type PauseArchitecture } from "./pause-program.ts";
import { RuntimeError } from "./runtime-error.ts";

/** By the names that Docker gives to architectures. */
const architectures: Readonly<Record<string, PauseArchitecture>> = { amd64: "x64", arm64: "arm64" };

export async function ensurePauseImage(engine: DockerEngine, images: ImageStore, signal: AbortSignal): Promise<void> {
  const { Arch } = (await engine.call({ method: "GET", path: "/version", signal })) as { Arch: string };
  const architecture = architectures[Arch];
  if (!architecture) throw new RuntimeError("CreatePodSandboxError", `Docker runs on ${Arch}, which is not supported`);
  const content = buildPauseProgram(architecture);
  const files = [{ path: "/pause", content, executable: true }];
  await images.make({ name: PAUSE_IMAGE, files, entrypoint: ["/pause"] }, signal);
}
