// Pods that the API server refuses, with Kubernetes' words.

import { shell, type RefusedCase } from "./pod-case.ts";

const context = (securityContext: object) => ({ containers: [shell("true", { securityContext })] });

export const refusedCases: readonly RefusedCase[] = [
  {
    title: "shows all of /proc to a pod that has users of its own only",
    sees: ["SecurityContext.procMount"],
    spec: context({ procMount: "Unmasked" }),
    message: "`hostUsers` must be false to use `Unmasked`",
  },
  {
    title: "has no settings of Windows for a pod that says it is for Linux",
    sees: ["SecurityContext.windowsOptions"],
    spec: { os: { name: "linux" }, ...context({ windowsOptions: { runAsUserName: "User" } }) },
    message: "windows options cannot be set for a linux pod",
  },
  {
    title: "has no settings of Linux for a pod that says it is for Windows",
    sees: ["PodSpec.os"],
    spec: { os: { name: "windows" }, ...context({ runAsUser: 1 }) },
    message: "spec.containers[0].securityContext.runAsUser: Forbidden: cannot be set for a windows pod",
  },
  {
    title: "runs nothing on the node itself that does not use the node's network",
    sees: ["WindowsSecurityContextOptions.hostProcess"],
    spec: context({ windowsOptions: { hostProcess: true } }),
    message: "hostNetwork must be true if pod contains any hostProcess containers",
  },
  {
    title: "sets no parameters of the node's network",
    sees: ["PodSecurityContext.sysctls"],
    spec: {
      hostNetwork: true,
      securityContext: { sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "0" }] },
      containers: [shell("true")],
    },
    message: "may not be specified when 'hostNetwork' is true",
  },
  {
    title: "passes mounts on to the node from privileged containers only",
    sees: ["VolumeMount.mountPropagation"],
    spec: {
      volumes: [{ name: "data", emptyDir: {} }],
      containers: [
        shell("true", { volumeMounts: [{ name: "data", mountPath: "/d", mountPropagation: "Bidirectional" }] }),
      ],
    },
    message: "Bidirectional mount propagation is available only to privileged containers",
  },
  {
    title: "gives block devices of claims only",
    sees: ["Container.volumeDevices", "VolumeDevice.name", "VolumeDevice.devicePath"],
    spec: {
      volumes: [{ name: "data", emptyDir: {} }],
      containers: [shell("true", { volumeDevices: [{ name: "data", devicePath: "/dev/x" }] })],
    },
    message: "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode",
  },
];
