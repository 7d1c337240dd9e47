import { formatProblem } from "../../config/print-problems.ts";
import type { Problem } from "../../config/problem.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { change } from "../../storage/change.ts";
import type { ConfigurationRevisionRow } from "../../storage/schema.ts";
import { madeBy } from "../record-change.ts";
import type { AdminParts, Asker } from "../resource.ts";
import type { SecretChange } from "./configuration-control.ts";
import { recordRevision } from "./record-revision.ts";
import { recordSecret } from "./record-secret.ts";
import { digestOf, type RevisionSource } from "./revision-store.ts";

/** A text that is to come into force. */
export interface NewText {
  readonly text: string;
  readonly asker: Asker;
  readonly note?: string | undefined;
  readonly restores?: number | undefined;
  /** The revision that it was made on; refused where another is in force by then. Absent: any. */
  readonly base?: number | undefined;
  /** A provider's secret that is stored with it. */
  readonly secret?: (SecretChange & { readonly secret: string }) | undefined;
}

/**
 * Judges a text and brings it into force, as a revision. One that is in force already makes none. Throws
 * `invalid_configuration`, with nothing changed, and `stale_revision`.
 */
export async function makeRevision(order: NewText, parts: AdminParts): Promise<ConfigurationRevisionRow> {
  const { configuration, store, changed } = parts;
  const { text, asker, secret } = order;
  const problems = await configuration.judge(text, { isRemote: isRemote(asker), secret });
  if (problems.length > 0) throw invalidConfiguration(problems);
  const row = await change(store, async (made) => {
    const latest = await configuration.revisions.latest(made.transaction);
    if (order.base !== undefined && latest?.number !== order.base) throw stale(latest?.number);
    if (secret !== undefined) {
      const { before, row: kept } = await configuration.secrets.put(made, {
        ...secret,
        enteredBy: madeBy(asker),
      });
      await recordSecret(made, asker, before, kept);
    }
    if (latest !== undefined && latest.digest === digestOf(text)) return latest;
    const added = await configuration.revisions.add(made, { ...order, source: sourceOf(asker) });
    await recordRevision(made, asker, order.restores === undefined ? "create" : "rollback", added);
    return added;
  });
  await changed();
  return (await configuration.revisions.find(row.number)) ?? row;
}

/** Whoever is not on this machine. */
export function isRemote({ actor }: Asker): boolean {
  return actor.kind === "admin-key";
}

function sourceOf(asker: Asker): RevisionSource {
  return isRemote(asker) ? "api" : "command-line";
}

const MOST_TOLD = 5;

/** What keeps a text from running: each with its line, its path and its mend. */
export function invalidConfiguration(problems: readonly Problem[]): GatewayError {
  const told = problems.slice(0, MOST_TOLD);
  const more = problems.length - told.length;
  return new GatewayError("invalid_configuration", {
    message: `${told.map(formatProblem).join("; ")}${more > 0 ? `; and ${more} more` : ""}.`,
    mend: [...new Set(told.map(({ mend }) => mend))].join(" "),
    field: told[0]?.path ?? "",
  });
}

function stale(current: number | undefined): GatewayError {
  const message = `It was changed meanwhile: revision ${current ?? "0"} is in force.`;
  return new GatewayError("stale_revision", { message });
}
