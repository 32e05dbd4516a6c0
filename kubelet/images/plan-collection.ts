// Which images are to go: those that nobody has used for too long, and where the disk is filling up, those that were used
// longest ago, until there is room. Pure.

export interface ImageSettings {
  /** Percent of the disk in use from which images are removed, and down to which. */
  readonly highPercent: number;
  readonly lowPercent: number;
  /** Images younger than this stay. */
  readonly ttlMs: number;
  /** Images that were not used for so long go whatever there is of room; 0 for never. */
  readonly maxAgeMs: number;
}

/** Kubernetes' own. */
export const DEFAULT_IMAGES: ImageSettings = { highPercent: 85, lowPercent: 80, ttlMs: 120_000, maxAgeMs: 0 };

/** Throws an Error for settings that contradict themselves, in Kubernetes' words. */
export function verifyImageSettings({ highPercent, lowPercent, ttlMs, maxAgeMs }: ImageSettings): ImageSettings {
  for (const [flag, field, percent] of [
    ["image-gc-high-threshold", "imageGCHighThresholdPercent", highPercent],
    ["image-gc-low-threshold", "imageGCLowThresholdPercent", lowPercent],
  ] as const) {
    if (percent >= 0 && percent <= 100) continue;
    throw new Error(`invalid configuration: ${field} (--${flag}) ${percent} must be between 0 and 100, inclusive`);
  }
  if (lowPercent >= highPercent) {
    throw new Error(
      `invalid configuration: imageGCLowThresholdPercent (--image-gc-low-threshold) ${lowPercent} must be less than ` +
        `imageGCHighThresholdPercent (--image-gc-high-threshold) ${highPercent}`,
    );
  }
  if (maxAgeMs > 0 && maxAgeMs <= ttlMs) {
    throw new Error(
      "invalid configuration: imageMaximumGCAge (--maximum-image-gc-age) must be greater than imageMinimumGCAge " +
        "(--minimum-image-ttl-duration)",
    );
  }
  return { highPercent, lowPercent, ttlMs, maxAgeMs };
}

/** An image that this node may remove. Times are monotonic, in milliseconds. */
export interface OwnImage {
  readonly name: string;
  readonly sizeBytes: number;
  readonly inUse: boolean;
  readonly firstSeenMs: number;
  /** Undefined: nothing has used it since this kubelet runs. */
  readonly lastUsedMs: number | undefined;
}

export interface CollectionState {
  readonly images: readonly OwnImage[];
  /** Of the disk that images are on; undefined where nobody knows. */
  readonly disk: { readonly available: number; readonly capacity: number } | undefined;
  readonly nowMs: number;
  /** Since when this kubelet has watched what is used. */
  readonly sinceMs: number;
}

export interface CollectionPlan {
  /** In this order, whatever there is of room. */
  readonly old: readonly OwnImage[];
  /** In this order, until so many bytes are free. */
  readonly spare: readonly OwnImage[];
  readonly bytesToFree: number;
}

export function planCollection(settings: ImageSettings, state: CollectionState): CollectionPlan {
  const { images, nowMs } = state;
  const unused = unusedOf(settings, images, nowMs);
  const old = unused.filter((image) => isOld(settings, state, image));
  const bytesToFree = missingBytes(settings, state.disk);
  const spare = bytesToFree > 0 ? byUse(unused.filter((image) => !old.includes(image))) : [];
  return { old, spare, bytesToFree };
}

/** Everything that may go, where the node has no room left. */
export const planRemoval = (
  settings: ImageSettings,
  { images, nowMs }: Pick<CollectionState, "images" | "nowMs">,
): readonly OwnImage[] => byUse(unusedOf(settings, images, nowMs));

const unusedOf = ({ ttlMs }: ImageSettings, images: readonly OwnImage[], nowMs: number): readonly OwnImage[] =>
  images.filter(({ inUse, firstSeenMs }) => !inUse && nowMs - firstSeenMs >= ttlMs);

/** Before it has watched for as long, a kubelet cannot tell that something was not used. */
function isOld({ maxAgeMs }: ImageSettings, { nowMs, sinceMs }: CollectionState, image: OwnImage): boolean {
  if (maxAgeMs === 0 || nowMs - sinceMs <= maxAgeMs) return false;
  return nowMs - (image.lastUsedMs ?? image.firstSeenMs) > maxAgeMs;
}

function missingBytes({ highPercent, lowPercent }: ImageSettings, disk: CollectionState["disk"]): number {
  if (!disk || disk.capacity === 0) return 0;
  const usedPercent = 100 - Math.floor((disk.available * 100) / disk.capacity);
  // At 100 percent there is nothing that images could be removed for.
  if (highPercent === 100 || usedPercent < highPercent) return 0;
  return Math.max(0, Math.floor((disk.capacity * (100 - lowPercent)) / 100) - disk.available);
}

const byUse = (images: readonly OwnImage[]): readonly OwnImage[] =>
  [...images].sort((a, b) => (a.lastUsedMs ?? -1) - (b.lastUsedMs ?? -1) || a.firstSeenMs - b.firstSeenMs);
