// The TCP probe: the port accepts a connection.

import { connect } from "node:net";
import { describeDialError, failed, passed, resolvePort, type Probe, type ProbeResult } from "./probe.ts";

export const tcpProbe: Probe = {
  field: "tcpSocket",
  run({ tcpSocket }, target, signal) {
    if (!tcpSocket) throw new Error("the probe has no tcpSocket");
    const host = tcpSocket.host || target.host;
    const port = resolvePort(tcpSocket.port, target.container);
    return new Promise<ProbeResult>((resolve) => {
      const socket = connect({ host, port, signal });
      socket.on("connect", () => {
        resolve(passed);
        socket.destroy();
      });
      socket.on("error", (error: NodeJS.ErrnoException) =>
        resolve(failed(describeDialError(error, `${host}:${port}`))),
      );
    });
  },
};
