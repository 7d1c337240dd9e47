/**
 * Whether a TCP connection to the origin can be made within `limitMs`. A refusal counts as reached: the address
 * answers, and the call itself will say that it was refused.
 */
export function reaches(origin: string, limitMs: number): Promise<boolean> {
  const { hostname, port, protocol } = new URL(origin);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limitMs);
    const settle = () => {
      clearTimeout(timer);
      resolve(true);
    };
    Bun.connect({
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
      socket: {
        open(socket) {
          settle();
          socket.end();
        },
        data() {},
        error: settle,
        connectError: settle,
      },
    }).catch(settle);
  });
}
