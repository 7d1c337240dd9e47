import type { AuditedChange } from "../record-change.ts";

/** Whether a row is already as it is to become: then nothing changes and nothing goes into the audit log. */
export function isAlready<Row extends object>(row: Row, terms: Partial<Row>): boolean {
  return Object.entries(terms).every(([name, value]) => Reflect.get(row, name) === value);
}

/** The column of a block that is to begin or to end; nothing where it is as it was. */
export function blocking(
  blockedAtMs: number | null,
  wanted: boolean | undefined,
  nowMs: number,
): { readonly blocked_at_ms?: number | null } {
  if (wanted === undefined || wanted === (blockedAtMs !== null)) return {};
  return { blocked_at_ms: wanted ? nowMs : null };
}

/** What a change of terms is called: a block by itself has its own word. */
export function actionOf(terms: {
  readonly blocked_at_ms?: number | null | undefined;
}): AuditedChange["action"] {
  const { blocked_at_ms: blockedAtMs, ...rest } = terms;
  if (blockedAtMs === undefined || Object.keys(rest).length > 0) return "update";
  return blockedAtMs === null ? "unblock" : "block";
}
