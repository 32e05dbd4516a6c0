// Keeps one certificate of a kubelet from ending: asks for the next one in good time, and uses it from then on.

import { backoffDelayMs, type Backoff } from "../../lib/backoff.ts";
import { formatTime, pause, type Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import { readCertificate, type KeyPair, type Validity } from "../../lib/x509.ts";

export interface CertificateRotatorDeps {
  /** Which certificate, for the log. */
  readonly title: string;
  /** What there is to begin with; undefined: the first one is asked for at once. */
  readonly current: KeyPair | undefined;
  request(signal: AbortSignal): Promise<KeyPair>;
  /** Puts it where the next start finds it. */
  keep(keys: KeyPair): Promise<void>;
  use(keys: KeyPair): void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const RETRY: Backoff = { initialMs: 2000, maxMs: 128_000, jitter: 0.1 };
/** As long as is waited at once: clocks are put right meanwhile, and timers have an end. */
const WAIT_MAX_MS = 3_600_000;

/** When a certificate is renewed: after 70 to 90 percent of its life, so that nodes do not come all at once. */
export const renewalMs = ({ notBeforeMs, notAfterMs }: Validity, random: number): number =>
  notBeforeMs + (notAfterMs - notBeforeMs) * (0.7 + 0.2 * random);

/** Until `signal` is aborted. Never rejects. */
export async function rotateCertificate(deps: CertificateRotatorDeps, signal: AbortSignal): Promise<void> {
  const { clock, random, log, title } = deps;
  let dueMs = deps.current ? renewalMs(readCertificate(deps.current.cert), random.float()) : 0;
  let failures = 0;
  while (!signal.aborted) {
    const waitMs = dueMs - clock.now();
    if (waitMs > 0) {
      await pause(clock, Math.min(waitMs, WAIT_MAX_MS), signal);
      continue;
    }
    try {
      const keys = await deps.request(signal);
      await deps.keep(keys);
      deps.use(keys);
      const validity = readCertificate(keys.cert);
      // Certificates begin a while before they are signed: one with a short life could be due at once, and so for ever.
      const halfMs = (clock.now() + validity.notAfterMs) / 2;
      dueMs = Math.max(renewalMs(validity, random.float()), halfMs);
      failures = 0;
      log.info("A certificate is renewed", { title, until: formatTime(validity.notAfterMs), next: formatTime(dueMs) });
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      log.warn("A certificate could not be renewed; it is tried again", { title, failures, error });
      await pause(clock, backoffDelayMs(RETRY, failures, random.float()), signal);
    }
  }
}
