// Prefers nodes that have the pod's images already. An image counts by its size, and by the share of nodes that have it, so
// that one node with a rare image does not draw all pods. The thresholds are Kubernetes'.

import { SCORE_MAX, type SchedulerPlugin } from "../framework.ts";
import { normalizeImage } from "../node-info.ts";

const MEBIBYTE = 1024 * 1024;
const BYTES_MIN = 23 * MEBIBYTE;
const BYTES_MAX_PER_CONTAINER = 1000 * MEBIBYTE;

export const imageLocality: SchedulerPlugin = {
  name: "ImageLocality",
  prepare({ pod }, snapshot) {
    const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
    const images = containers.map(({ image = "" }) => normalizeImage(image));
    const bytesMax = BYTES_MAX_PER_CONTAINER * images.length;
    const spread = images.map((image) => snapshot.nodesWithImage(image) / Math.max(snapshot.nodes.length, 1));
    if (spread.every((share) => share === 0)) return undefined;
    return {
      score(node) {
        let bytes = 0;
        images.forEach((image, index) => (bytes += Math.floor((node.images.get(image) ?? 0) * (spread[index] ?? 0))));
        const bounded = Math.min(Math.max(bytes, BYTES_MIN), bytesMax);
        return Math.floor((SCORE_MAX * (bounded - BYTES_MIN)) / (bytesMax - BYTES_MIN));
      },
    };
  },
};
