import type { Asker } from "../admin/asker.ts";
import { systemUser } from "./system-user.ts";

/** Whoever runs a command on this machine. */
export function commandLine(): Asker {
  const user = systemUser(process.env);
  return { actor: { kind: "command-line", id: user, name: user }, role: "owner" };
}
