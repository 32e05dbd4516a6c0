// Creates objects: named, dated, admitted, prepared, validated, and stored if the name is free.

import type { KubeObject } from "../../api/meta/object.ts";
import { alreadyExists, isAlreadyExists } from "../../api/meta/status.ts";
import { Stretch } from "../../lib/stretch.ts";
import { admissionRequest, runAdmission, runValidation } from "../admission/run-admission.ts";
import { NoRoom } from "../allocation/refusals.ts";
import type { Answer } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { planFences } from "../fence.ts";
import type { Server } from "../server.ts";
import { storageKey } from "../served-resource.ts";
import type { Entry } from "../storage/cache-entry.ts";
import { NO_OWNERS, type Owners } from "../ownership/owners.ts";
import { claimNew, withOwners } from "./claim.ts";
import { nameAsSent, withNewMetadata } from "./metadata.ts";
import { planPut } from "./plan-write.ts";
import { readDryRun, readObject } from "./request-object.ts";
import { transact, type Attempt } from "./transact.ts";
import { assertValid } from "./validate.ts";
import type { View } from "./view.ts";

export async function createObject(server: Server, request: ApiRequest): Promise<Answer> {
  return { kind: "entry", status: 201, entry: await insert(server, request, await readObject(request)) };
}

/** How often a generated name may turn out to be taken. */
const DRAWS_MAX = 8;

/** Stores a new object. Throws AlreadyExists when its name is taken; a generated one is drawn again first. */
export async function insert(server: Server, request: ApiRequest, sent: KubeObject): Promise<Entry> {
  const { clock, random } = server;
  const { resource } = request.served;
  const isGenerated = !sent.metadata?.name && Boolean(sent.metadata?.generateName);
  for (let draws = 1; ; draws += 1) {
    const named = withNewMetadata(sent, { clock, random, resource, namespace: request.namespace });
    try {
      return await insertNamed(server, request, named);
    } catch (error) {
      if (!isGenerated || !isAlreadyExists(error) || draws >= DRAWS_MAX) throw error;
    }
  }
}

async function insertNamed(server: Server, request: ApiRequest, named: KubeObject): Promise<Entry> {
  const { served } = request;
  const { namespace, name } = named.metadata;
  const key = storageKey(served, { namespace, name });
  const taken = () => alreadyExists(served.resource, name);
  const options = {
    dryRun: readDryRun(request),
    onConflict: (conflictKey: string) => (conflictKey === key ? taken() : undefined),
  };
  const decide = async (view: View, object: KubeObject) => {
    if (view.isLive && (await view.get(served, { namespace, name }))) throw taken();
    return planCreation(server, request, { view, object });
  };
  try {
    return await transact(server, (view) => decide(view, named), options);
  } catch (error) {
    if (!(error instanceof NoRoom) || !served.rules.whenNoRoom) throw error;
    const { whenNoRoom } = served.rules;
    return transact(
      server,
      (view) => planCreation(server, request, { view, object: named, adapt: (ready) => whenNoRoom(ready, error) }),
      options,
    );
  }
}

interface Creation {
  readonly view: View;
  readonly object: KubeObject;
  /** The last word on the object, after everything else. */
  adapt?(ready: KubeObject): KubeObject;
  /** The owners of its fields; the rules for new objects unless given. */
  readonly owners?: Owners;
}

/** The one way in which objects come to be, also for those created by an update. */
export async function planCreation(
  server: Server,
  request: ApiRequest,
  { view, object: wanted, adapt = (ready) => ready, ...given }: Creation,
): Promise<Attempt<Entry>> {
  const { served } = request;
  const { resource } = served;
  // Each step takes long for the largest objects.
  const stretch = new Stretch(server.clock);
  const owners = given.owners ?? claimNew(server, request, wanted);
  await stretch.giveWay();
  const named = withOwners(wanted, NO_OWNERS);
  const { namespace, name } = named.metadata;
  const key = namespace ? { namespace, name } : { name };
  const asked = admissionRequest(server, request, { operation: "CREATE", key, view });
  const sent = { ...asked, name: nameAsSent(named.metadata), object: named };
  const { object: admitted, besides } = await runAdmission(server.admission, sent);
  await stretch.giveWay();
  const ready = resource.prepare?.(admitted) ?? admitted;
  const prepared = served.rules.attribute?.(ready, request.user) ?? ready;
  assertValid(request.version, prepared);
  await stretch.giveWay();
  request.warnings.push(...(resource.warnings?.(prepared) ?? []));
  const object = withOwners(adapt(prepared), owners);
  const conditions = await runValidation(server.admission, { ...asked, object });
  const fences = await planFences(server.resources, request.http, view);
  return planPut(served, { key, object }, { view, besides: [...besides, ...conditions, ...fences] });
}
