// What the machines of tests are and have.

import type { MachineFacts } from "../kubelet/node-status.ts";

export const MACHINE: MachineFacts = {
  cpuMillis: 4000,
  memoryBytes: 8 * 2 ** 30,
  ephemeralStorageBytes: 100 * 2 ** 30,
  podsMax: 110,
  architecture: "amd64",
  operatingSystem: "linux",
  machineId: "machine",
  systemUuid: "system",
  bootId: "boot",
  kernelVersion: "6.1.0",
  osImage: "Simulated",
};
