import { resolve } from "node:path";
import type { Problem } from "../../config/problem.ts";
import { type EnvironmentOverrides, environmentProblem } from "./environment-overrides.ts";

/** The file that is read where none is named and it exists. */
export const USUAL_FILE = "gatehouse.yaml";

interface TextRequest {
  readonly readFile: (path: string) => string;
  readonly folder: string;
  readonly file?: string;
}

/** The configuration's text, empty and without file where there is none. */
export type ConfigurationText =
  | {
      readonly text: string;
      readonly file?: string;
      /** What it is called in messages, in place of its file. */
      readonly label?: string;
    }
  | { readonly problem: Problem };

/** Reads the configuration file: the one asked for, else the environment's, else the usual one if it exists. */
export function findConfigurationText(
  request: TextRequest,
  overrides: EnvironmentOverrides,
): ConfigurationText {
  const named = request.file ?? overrides.file;
  const file = named ?? USUAL_FILE;
  try {
    return { text: request.readFile(resolve(request.folder, file)), file };
  } catch (error) {
    const code =
      error instanceof Error && "code" in error ? String(error.code) : "not a text file of at most 1 MiB";
    if (named === undefined && code === "ENOENT") return { text: "" };
    return { problem: unreadable(file, code, request.file === undefined && overrides.file !== undefined) };
  }
}

function unreadable(file: string, code: string, fromEnvironment: boolean): Problem {
  const message = `can't be read (${code})`;
  const mend = "Check the path, and that this process may read the file.";
  if (fromEnvironment)
    return environmentProblem("GATEHOUSE_CONFIG", { message: `names ${file}, which ${message}`, mend });
  return { file, line: 0, column: 0, path: "", message, mend };
}
