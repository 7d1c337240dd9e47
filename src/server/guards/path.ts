import { GatewayError } from "../../model/gateway-error.ts";

/** A step to itself or up, with or without what some servers call a path parameter (`..;x`). */
const DOT_SEGMENT = /^\.{1,2}(?:;|$)/;

/**
 * A parameter of the path, decoded by the router. Refuses what could mean another path to somebody else: empty, dot
 * segments, backslashes, control characters, what is left of a broken or double escape.
 */
export function pathParameter(value: string): string {
  const segments = value.split("/");
  const odd = segments.some((segment) => segment === "" || DOT_SEGMENT.test(segment));
  if (odd || hasOddCharacter(value)) throw new GatewayError("invalid_path");
  return value;
}

function hasOddCharacter(value: string): boolean {
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f || code === 0xfffd || character === "\\" || character === "%")
      return true;
  }
  return false;
}

/**
 * Whether a path that matched no route is only a crooked spelling of one: the router matches the raw path, the URL
 * that reaches us has been normalised.
 */
export function isOddPath(pathname: string): boolean {
  return pathname.includes("//") || pathname.includes("\\") || /%(?:2e|2f|5c|25|00)/i.test(pathname);
}
