// What `kctl set image` changes. Pure.

import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { throwErrors } from "../select-objects.ts";
import { allContainers, mapContainers, podSpecOf } from "../pods/pod-template.ts";

/** Splits `nginx=nginx:2` words, which name a container (`*` for all) and its image. */
export function parseImages(words: readonly string[]): ReadonlyMap<string, string> {
  const images = new Map<string, string>();
  for (const word of words) {
    const [, name, image] = /^([^=]+)=(.+)$/.exec(word) ?? [];
    if (!name || !image) throw new CommandError(`invalid image ${JSON.stringify(word)}: it must be CONTAINER=IMAGE`);
    images.set(name, image);
  }
  return images;
}

/** Throws CommandError where the object has no container of a name. */
export function applyImages(object: AnyObject, images: ReadonlyMap<string, string>): AnyObject {
  const spec = podSpecOf(object);
  const names = new Set(spec ? allContainers(spec).map(({ name }) => name) : []);
  const unknown = [...images.keys()].filter((name) => name !== "*" && !names.has(name));
  throwErrors(unknown.map((name) => new CommandError(`unable to find container named ${JSON.stringify(name)}`)));
  return mapContainers(object, (container) => {
    const image = images.get(container.name) ?? images.get("*");
    return image === undefined ? container : { ...container, image };
  });
}
