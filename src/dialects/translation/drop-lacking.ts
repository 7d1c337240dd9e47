import type { Feature } from "../../model/loss.ts";
import type { Bounds } from "./bounds.ts";
import type { Losses } from "./losses.ts";

/** A member of a canonical value, the feature that a dialect needs for it, and the value that means the same as none. */
export interface MemberRule<T> {
  readonly member: keyof T;
  readonly feature: Feature;
  /** Leaving this value out changes nothing, so nobody need be told. */
  readonly harmless?: unknown;
}

/** The value without the members that the bounds have no feature for. Gives the value itself where all may stay. */
export function dropLacking<T extends object>(
  value: T,
  rules: readonly MemberRule<T>[],
  { lacks }: Bounds,
  losses: Losses,
): T {
  const dropped = rules.filter(({ member, feature }) => value[member] !== undefined && lacks.has(feature));
  if (dropped.length === 0) return value;
  const rest: Partial<T> = { ...value };
  for (const { member, feature, harmless } of dropped) {
    if (value[member] !== harmless) losses.add(feature, "left out");
    delete rest[member];
  }
  // Only members that may be absent have rules.
  return rest as T;
}
