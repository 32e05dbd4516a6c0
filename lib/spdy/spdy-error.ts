// What the other side of a SPDY connection did against the protocol. It ends the connection.

export class SpdyError extends Error {
  override readonly name = "SpdyError";
}
