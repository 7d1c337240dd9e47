import { Command as Program } from "commander";
import { VERSION } from "../assembly/compile/version.ts";
import { commands } from "./index.ts";
import { serve } from "./serve.ts";

/**
 * Runs the command that the arguments name, `serve` where they name none. A failure that has a mend is told with it;
 * the rest with its stack.
 */
export async function run(words: readonly string[]): Promise<void> {
  const program = new Program("gatehouse")
    .description("An external LLM gateway: one service between applications and every LLM provider.")
    .version(VERSION)
    .showHelpAfterError("(gatehouse --help lists the commands)");
  for (const command of commands) command.register(program);
  try {
    await program.parseAsync(words.length === 0 ? [serve.name] : [...words], { from: "user" });
  } catch (thrown) {
    console.error(failureText(thrown));
    process.exitCode = 1;
  }
}

const PATH_MEND = "Make this path usable for this user, or name another data folder with GATEHOUSE_DATA.";

const BUSY_MEND = "Another process holds the store; try again when it is done.";

function failureText(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `gatehouse: ${String(thrown)}`;
  if ("mend" in thrown && typeof thrown.mend === "string")
    return `gatehouse: ${thrown.message}\n  mend: ${thrown.mend}`;
  if ("syscall" in thrown && "path" in thrown) return `gatehouse: ${thrown.message}\n  mend: ${PATH_MEND}`;
  if ("code" in thrown && thrown.code === "SQLITE_BUSY")
    return `gatehouse: ${thrown.message}\n  mend: ${BUSY_MEND}`;
  return `gatehouse: ${thrown.stack ?? thrown.message}`;
}
