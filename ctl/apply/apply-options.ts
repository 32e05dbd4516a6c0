// What one manifest is applied with, and what comes of it.

import type { AnyObject } from "../any-object.ts";
import type { Manifest } from "../manifests.ts";
import type { DryRun } from "../report.ts";
import type { Target } from "../select-objects.ts";

export interface ApplyOptions {
  readonly dryRun: DryRun;
  readonly serverSide: boolean;
  readonly forceConflicts: boolean;
  /** Where the server refuses a change, delete the object and create it anew. */
  readonly force: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: "Strict" | "Warn" | "Ignore";
}

export interface Applied {
  readonly object: AnyObject;
  /** `created`, `configured`, `unchanged` or `serverside-applied`. */
  readonly done: string;
}

/** A target that a manifest names. */
export type ManifestTarget = Target & { readonly manifest: Manifest };
