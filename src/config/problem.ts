/** Where a value stands in the configuration: member names and list positions, from the top. */
export type Path = readonly (string | number)[];

/** Something wrong with the configuration, with its place. */
export interface Problem {
  readonly file: string;
  /** From 1; 0 where the problem has no place in the file. */
  readonly line: number;
  readonly column: number;
  /** As people write it: `providers.my-server.base_url`, `routes.fast.targets[0]`. */
  readonly path: string;
  /** What is wrong. Never holds a value that came from the environment or a file. */
  readonly message: string;
  readonly mend: string;
  /** The line at fault, secrets masked. */
  readonly source?: string;
}

/** Something wrong, as a rule sees it: the place is still a path and the file is not known. */
export interface Finding {
  readonly path: Path;
  /** What of the member is at fault: its value unless it is said to be its name. */
  readonly at?: "name" | "value";
  /** What is wrong, without the value: that is added where it is safe to show. */
  readonly message: string;
  readonly mend: string;
}

/** A path as people write it. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

/** A path as a key of a Map; unlike `formatPath` it has one reading, whatever dots the names hold. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/** Problems in the order of the file. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}
