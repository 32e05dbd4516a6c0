// Ingresses that do not say which controller they are for get the cluster's default class, if there is one.

import { ingressClasses } from "../../api/networking/ingress-class.ts";
import { ingresses, type Ingress } from "../../api/networking/ingress.ts";
import { isAbout, listSeen, type AdmissionRequest, type AdmissionStep, type Admitted } from "./admission-step.ts";
import { newestDefault } from "./newest-default.ts";

const MARKS = ["ingressclass.kubernetes.io/is-default-class"];
/** How ingresses named their controller before there were classes. */
const OLD_ANNOTATION = "kubernetes.io/ingress.class";

export const defaultIngressClass: AdmissionStep = {
  name: "DefaultIngressClass",
  admit(request) {
    if (request.operation !== "CREATE" || !isAbout(request, ingresses)) return undefined;
    const ingress = request.object as Ingress;
    const isSaid =
      ingress.spec.ingressClassName !== undefined || ingress.metadata.annotations?.[OLD_ANNOTATION] !== undefined;
    return isSaid ? undefined : withDefault(request, ingress);
  },
};

async function withDefault(request: AdmissionRequest, ingress: Ingress): Promise<Admitted | undefined> {
  const byDefault = newestDefault(await listSeen(request, ingressClasses), MARKS);
  if (!byDefault) return undefined;
  const changed: Ingress = { ...ingress, spec: { ...ingress.spec, ingressClassName: byDefault.metadata.name } };
  return { object: changed };
}
