// An AbortController for signals that many wait on at once, such as the end of a whole component: Node warns of a leak
// when more than ten listen to one signal, which for these is as it should be.

import { setMaxListeners } from "node:events";

export function sharedAbortController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
