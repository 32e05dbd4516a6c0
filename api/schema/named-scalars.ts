// The scalars that Kubernetes gives types of their own: what OpenAPI calls them and what `explain` says about them.

interface NamedScalar {
  /** The OpenAPI name. */
  readonly name: string;
  readonly description: string;
}

export const namedScalars: Readonly<Record<"quantity" | "int-or-string", NamedScalar>> = {
  quantity: {
    name: "io.k8s.apimachinery.pkg.api.resource.Quantity",
    description:
      "An amount of a resource: a decimal number with a suffix. Suffixes are powers of ten (n, u, m, k, M, G, T, P, E), powers of two (Ki, Mi, Gi, Ti, Pi, Ei) or an exponent (e3). It is stored in a canonical form without fractions, such as 500m for 0.5.",
  },
  "int-or-string": {
    name: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    description: "A number or a text: a port or its name, a count or a percentage.",
  },
};
