/** What an admin key may do: a viewer reads, an operator changes all but admin keys, an owner everything. Least first. */
export const ADMIN_ROLES = ["viewer", "operator", "owner"] as const;

export type AdminRole = (typeof ADMIN_ROLES)[number];

/** Whether who has one role may do what another is needed for. */
export function roleSuffices(held: AdminRole, needed: AdminRole): boolean {
  return ADMIN_ROLES.indexOf(held) >= ADMIN_ROLES.indexOf(needed);
}
