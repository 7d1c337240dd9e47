/** Who changes something, for the audit log. */
export interface Actor {
  /** `gateway`: Gatehouse by itself, at its first start. */
  readonly kind: "admin-key" | "command-line" | "gateway";
  /** The admin key's id, or the name of the operating system's user. */
  readonly id: string;
  /** As people know it. */
  readonly name: string;
}
