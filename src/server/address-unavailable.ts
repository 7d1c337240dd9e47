/** The gateway can't listen where it was told to. */
export class AddressUnavailable extends Error {
  override readonly name = "AddressUnavailable";
  readonly mend: string;

  constructor(host: string, port: number, cause: unknown) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    const inUse = code === "EADDRINUSE";
    super(inUse ? `Port ${port} on ${host} is in use.` : `Can't listen on ${host}, port ${port}: ${code}.`, {
      cause,
    });
    this.mend = inUse
      ? "Stop what listens there, or choose another port: PORT=8004, or `server.port`."
      : "Choose an address of this machine (HOST or `server.host`) and a port that you may use (PORT or `server.port`).";
  }
}
