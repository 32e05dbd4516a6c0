// The revisions that an owner has: claims them, makes the one of its present template, and removes those that it needs no more.

import { controllerRevisions, type ControllerRevision } from "../../api/apps/controller-revision.ts";
import { keyOf, type NewObject } from "../../api/meta/object.ts";
import { selectorOf } from "../../api/meta/selector.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { ignoreNotFound, isAlreadyExists } from "../../api/meta/status.ts";
import type { ControllerDeps } from "../../client/controller.ts";
import type { Informer } from "../../client/informer.ts";
import { applyClaim, planClaim } from "../claim.ts";
import { OwnWrites } from "../own-writes.ts";
import { BY_CONTROLLER, ORPHANS, ownershipIndexers } from "../ownership-index.ts";
import {
  buildRevision,
  findPresent,
  nextRevision,
  sortRevisions,
  type RevisionKind,
  type RevisionOwner,
} from "./revision.ts";

export interface PresentRevision {
  readonly revision: ControllerRevision;
  /** How often a name was taken until now; belongs into the owner's status. */
  readonly collisionCount: number;
}

export class RevisionHistory<O extends RevisionOwner> {
  readonly #deps: ControllerDeps;
  readonly #kind: RevisionKind<O>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #ownWrites: OwnWrites<ControllerRevision>;

  constructor(deps: ControllerDeps, kind: RevisionKind<O>) {
    this.#deps = deps;
    this.#kind = kind;
    this.#revisions = deps.informer(controllerRevisions, ownershipIndexers);
    this.#ownWrites = new OwnWrites(this.#revisions, deps.clock);
  }

  /** The owner's revisions, oldest first. Adopts those that nobody has. */
  async claim(owner: O): Promise<readonly ControllerRevision[]> {
    const { uid, namespace = "" } = owner.metadata;
    const owned = this.#ownWrites.effective(uid, this.#revisions.byIndex(BY_CONTROLLER, uid));
    const candidates = [...owned, ...this.#revisions.byIndex(ORPHANS, namespace)];
    const { client } = this.#deps;
    const claim = planClaim(owner, selectorOf(owner.spec.selector), candidates);
    const context = { client, owner, ownerResource: this.#kind.owner, resource: controllerRevisions };
    return sortRevisions(await applyClaim(context, { ...claim, release: [] }));
  }

  /** The revision of the owner's present template. It is made where there is none, and made the newest where it is not. */
  async present(owner: O, sorted: readonly ControllerRevision[]): Promise<PresentRevision> {
    const collisionCount = owner.status.collisionCount ?? 0;
    const found = findPresent(owner, sorted);
    if (!found) return this.#create(owner, nextRevision(sorted));
    const newest = sorted.at(-1);
    if (!newest || semanticEqual(newest.data, found.data)) return { revision: found, collisionCount };
    const renumbered = { ...found, revision: newest.revision + 1 };
    return { revision: await this.#deps.client.update(controllerRevisions, renumbered), collisionCount };
  }

  async #create(owner: O, number: number): Promise<PresentRevision> {
    let collisionCount = owner.status.collisionCount ?? 0;
    for (;;) {
      const wanted = buildRevision(this.#kind, owner, { revision: number, collisionCount });
      const revision = await this.#createOrFind(owner, wanted);
      if (semanticEqual(revision.data, wanted.data)) return { revision, collisionCount };
      collisionCount++;
    }
  }

  /** Resolves with what has the name, which may be another template of the same hash. */
  async #createOrFind(owner: O, wanted: NewObject<ControllerRevision>): Promise<ControllerRevision> {
    const { client } = this.#deps;
    const { name = "", namespace } = wanted.metadata;
    try {
      return await this.#ownWrites.create(owner.metadata.uid, () => client.create(controllerRevisions, wanted));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      return client.get(controllerRevisions, { namespace, name });
    }
  }

  async remove(revisions: readonly ControllerRevision[]): Promise<void> {
    for (const revision of revisions) {
      const preconditions = { uid: revision.metadata.uid };
      await this.#deps.client.delete(controllerRevisions, keyOf(revision), { preconditions }).catch(ignoreNotFound);
      this.#ownWrites.deleted(revision);
    }
  }
}
