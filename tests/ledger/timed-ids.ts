/** Ids as the gateway makes them: their time, then a number that tells them apart (RFC 9562, 5.7). */
export function idAt(prefix: "req_" | "att_", ms: number, number: number): string {
  const time = Math.floor(ms).toString(16).padStart(12, "0");
  const rest = number.toString(16).padStart(12, "0");
  return `${prefix}${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${rest}`;
}
