// Bands of priorities: what pods are for, from what watches the cluster down to what may be given up at any time. A PriorityClass
// joins a band by its label, and its pods then carry the same label, which only the API server writes. All of it is opt-in.

import type { Pod } from "../core/pod.ts";
import { unsupportedField, type FieldError } from "../schema/field-error.ts";

/** On a PriorityClass, by its author; on a pod, by admission; on a ResourceQuota: only pods of the band are counted. */
export const BAND_LABEL = "scheduling.kctl.dev/band";

/** On a Namespace: the band of pods that name no class. */
export const DEFAULT_BAND_LABEL = "scheduling.kctl.dev/default-band";

/** On a PriorityClass that joins a band: `true`, and its pods are refused where no quota of the band is. */
export const REQUIRES_QUOTA_LABEL = "scheduling.kctl.dev/requires-quota";

export type Band = "monitoring" | "production" | "batch" | "best-effort";

export interface BandRange {
  readonly band: Band;
  /** The values that a class of the band may have, both ends included. */
  readonly min: number;
  readonly max: number;
}

/**
 * Highest first. Between production and batch lies what clusters use without bands, above all 0, so that joining a band moves
 * nobody else.
 */
export const BANDS: readonly BandRange[] = [
  { band: "monitoring", min: 900_000_000, max: 999_999_999 },
  { band: "production", min: 800_000_000, max: 899_999_999 },
  { band: "batch", min: -199_999_999, max: -100_000_000 },
  { band: "best-effort", min: -299_999_999, max: -200_000_000 },
];

export const rangeOf = (band: string | undefined): BandRange | undefined => BANDS.find((each) => each.band === band);

/** Undefined for pods of no band. The label is as the API server has stored it, and so to be believed. */
export const bandOf = ({ metadata }: Pick<Pod, "metadata">): Band | undefined =>
  rangeOf(metadata.labels?.[BAND_LABEL])?.band;

/** Production and what is above it: what it asks for is promised, and none of it makes room for another of it. */
export const isPromised = (band: Band | undefined): boolean => band === "production" || band === "monitoring";

/** For a label that names a band which there is not. */
export const unknownBand = (label: string, band: string): FieldError =>
  unsupportedField(
    `metadata.labels[${label}]`,
    band,
    BANDS.map((each) => each.band),
  );
