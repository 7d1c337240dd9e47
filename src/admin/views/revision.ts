import { z } from "zod";
import type { Problem } from "../../config/problem.ts";
import type { ConfigurationRevisionRow } from "../../storage/schema.ts";
import { momentOrNull, momentShown, shownMoment, shownMomentOrNull } from "./moment.ts";

/** Something that keeps a configuration from being run, in an answer. */
export const problemView = z
  .strictObject({
    file: z.string().describe("The file, or what the text is called"),
    line: z.int().describe("From 1; 0 where it has no place in the text"),
    column: z.int(),
    path: z.string().describe("The setting: `providers.my-server.base_url`"),
    message: z.string(),
    mend: z.string(),
  })
  .meta({ id: "ConfigurationProblem" });

/** A problem as the API shows it: without the line of the text itself. */
export function shownProblem({
  file,
  line,
  column,
  path,
  message,
  mend,
}: Problem): z.output<typeof problemView> {
  return { file, line, column, path, message, mend };
}

/** A revision in an answer. */
export const revisionView = z
  .strictObject({
    number: z.int(),
    digest: z.string().describe("SHA-256 of the text, as sha256sum prints it"),
    source: z.string().describe("file, api or command-line"),
    made_at: momentShown,
    made_by: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }),
    note: z.string().nullable(),
    restores: z.int().nullable().describe("The revision whose text this one has again, after a rollback"),
    state: z.string().describe("pending until a gateway has taken it in, then applied or refused"),
    settled_at: momentOrNull,
    problems: z.array(problemView).describe("What a gateway had against it"),
  })
  .meta({ id: "ConfigurationRevision" });

/** A revision as the API shows it. */
export type RevisionShown = z.output<typeof revisionView>;

/** A revision as the API shows it: never its text's secrets. */
export function shownRevision(row: ConfigurationRevisionRow): RevisionShown {
  return {
    number: row.number,
    digest: row.digest,
    source: row.source,
    made_at: shownMoment(row.made_at_ms),
    made_by: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    note: row.note,
    restores: row.restores,
    state: row.state,
    settled_at: shownMomentOrNull(row.settled_at_ms),
    problems: problemsOf(row.problems),
  };
}

function problemsOf(stored: string | null): z.output<typeof problemView>[] {
  if (stored === null) return [];
  const parsed = z.array(z.object(problemView.shape)).safeParse(JSON.parse(stored));
  return parsed.success ? parsed.data : [];
}
