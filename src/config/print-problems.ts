import type { Problem } from "./problem.ts";

/** All problems as text for people: place, what is wrong, how to mend it, and the line with a mark below it. */
export function printProblems(problems: readonly Problem[]): string {
  return problems.map(printProblem).join("\n\n");
}

/** A problem in a line: place, path and what is wrong. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
  const subject = problem.path === "" ? "" : `${problem.path}: `;
  return `${place}  ${subject}${problem.message}`;
}

function printProblem(problem: Problem): string {
  const lines = [formatProblem(problem), `    mend: ${problem.mend}`];
  if (problem.source !== undefined) lines.push(...excerpt(problem.source, problem.line, problem.column));
  return lines.join("\n");
}

const WIDEST = 160;

function excerpt(source: string, line: number, column: number): string[] {
  // A far column is brought into view by leaving out what stands before it.
  const skipped = column > WIDEST ? column - WIDEST / 2 : 0;
  const shown = source
    .slice(skipped, skipped + WIDEST)
    .replaceAll("\t", " ")
    .trimEnd();
  const margin = `    ${line} | `;
  return [`${margin}${shown}`, `${" ".repeat(margin.length + column - 1 - skipped)}^`];
}
