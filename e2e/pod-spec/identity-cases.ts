// Whom a pod is to the API server and to registries of images.

import { expect } from "chai";
import { mainOf, shell, SLEEPS, tells, THIS_REGISTRY, waitsFor, type PodCase } from "./pod-case.ts";

const TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";

export const identityCases: readonly PodCase[] = [
  {
    title: "has a token of its service account, by either name of the field",
    sees: ["PodSpec.serviceAccountName", "PodSpec.serviceAccount"],
    spec: { ...tells(`cut -d. -f2 ${TOKEN} | busybox base64 -d 2>/dev/null`), serviceAccount: "robot" },
    check({ said, pod }) {
      expect(said()).to.contain("system:serviceaccount:default:robot");
      expect(pod.spec.serviceAccountName).to.equal("robot");
    },
  },
  {
    title: "has no token where it wants none",
    sees: ["PodSpec.automountServiceAccountToken"],
    spec: { ...tells(`test -e ${TOKEN} || echo none`), automountServiceAccountToken: false },
    check: ({ said }) => expect(said()).to.equal("none\n"),
  },
  {
    title: "cannot have an image that its credentials do not open, and says why",
    sees: ["PodSpec.imagePullSecrets", "LocalObjectReference.name"],
    spec: {
      imagePullSecrets: [{ name: "wrong-password" }],
      containers: [shell(SLEEPS, { image: `${THIS_REGISTRY}/private/app:1` })],
    },
    until: waitsFor("ErrImagePull"),
    async check({ pod, lab }) {
      expect(mainOf(pod)?.state.waiting?.message).to.match(/unauthorized|401|basic auth/i);
      await lab.event(pod.metadata.name, "Failed", "Error: ErrImagePull");
      await lab.until(pod.metadata.name, waitsFor("ImagePullBackOff"));
      await lab.event(pod.metadata.name, "BackOff", 'Back-off pulling image "');
    },
  },
  {
    title: "asks for its image with the credentials of its secrets",
    sees: ["PodSpec.imagePullSecrets"],
    spec: {
      imagePullSecrets: [{ name: "right-password" }],
      containers: [shell(SLEEPS, { image: `${THIS_REGISTRY}/private/app:2` })],
    },
    until: waitsFor("ErrImagePull"),
    // The registry lets it in, and has no such image.
    check: ({ pod }) => expect(mainOf(pod)?.state.waiting?.message).to.contain("manifest unknown"),
  },
];
