import type { Together } from "../../model/route-settings.ts";

/** What calls have in common that belong together, as written: `end_user`, `header:x-session`, `tag:team`. */
export function compileTogether(
  written: string | undefined,
  usual: Exclude<Together["by"], "header" | "tag">,
): Together {
  if (written === undefined) return Object.freeze({ by: usual });
  const [kind, name = ""] = written.split(":");
  switch (kind) {
    case "header":
      return Object.freeze({ by: "header", name: name.toLowerCase() });
    case "tag":
      return Object.freeze({ by: "tag", name });
    case "end_user":
      return Object.freeze({ by: "end-user" });
    case "project":
    case "conversation":
    case "key":
      return Object.freeze({ by: kind });
    default:
      throw new Error(`${written} names nothing that calls have in common`);
  }
}
