// Reading the text that names an image, such as `registry:5000/team/app:1.2@sha256:…`. Nothing here contacts a registry.

/** The tag; `latest` where neither tag nor digest is given, undefined where a digest alone is. */
export function imageTag(image: string): string | undefined {
  const [name = "", digest] = image.split("@");
  const afterSlash = name.slice(name.lastIndexOf("/") + 1);
  const colon = afterSlash.indexOf(":");
  if (colon >= 0) return afterSlash.slice(colon + 1);
  return digest === undefined ? "latest" : undefined;
}
