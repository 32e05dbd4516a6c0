// Structured logging: a constant message plus fields. Errors are logged once, at the outermost loop.

import { pino } from "pino";

/** `message` is constant, so that equal lines can be counted; what varies is in the fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines all carry these fields. */
  with(fields: LogFields): Log;
}

/**
 * An Error under `error` is written with its message; with its stack, too, when nobody expected it: errors with a class of
 * their own are expected failures. Never put secrets in.
 */
export type LogFields = Readonly<Record<string, unknown>>;
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** The level that Kubernetes' flag `-v` stands for: from 4 on, everything is told. */
export const logLevelOf = (verbosity: number): LogLevel => (verbosity >= 4 ? "debug" : "info");

/** Writes one JSON object per line to `destination` (a file descriptor, 2 unless given). */
export function createLog(level: LogLevel, destination = 2): Log {
  const root = pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: describeError },
    },
    pino.destination({ fd: destination, sync: true }),
  );
  return wrap(root);
}

const UNEXPECTED = new Set<unknown>([Error, TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError]);

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message, stack, cause } = error;
  const type = error.constructor.name;
  return {
    type,
    message,
    ...(UNEXPECTED.has(error.constructor) && { stack }),
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}

function wrap(target: pino.Logger): Log {
  return {
    debug: (message, fields) => target.debug(fields ?? {}, message),
    info: (message, fields) => target.info(fields ?? {}, message),
    warn: (message, fields) => target.warn(fields ?? {}, message),
    error: (message, fields) => target.error(fields ?? {}, message),
    with: (fields) => wrap(target.child(fields)),
  };
}

/** Drops everything: for tests of pure parts. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  with: () => silentLog,
};
