import type { Environment } from "../../config/expand-references.ts";
import type { Problem } from "../../config/problem.ts";
import { isHost } from "./address.ts";

/** What the environment says over the configuration file. */
export interface EnvironmentOverrides {
  readonly host?: string;
  readonly port?: number;
  /** The configuration file. */
  readonly file?: string;
  readonly dataFolder: string;
  readonly problems: readonly Problem[];
}

/** Reads PORT, HOST, GATEHOUSE_CONFIG and GATEHOUSE_DATA. An empty variable counts as unset. */
export function environmentOverrides(environment: Environment): EnvironmentOverrides {
  const problems: Problem[] = [];
  const host = hostOf(environment["HOST"] || undefined, problems);
  const port = portOf(environment["PORT"] || undefined, problems);
  const file = environment["GATEHOUSE_CONFIG"] || undefined;
  return {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(file === undefined ? {} : { file }),
    dataFolder: environment["GATEHOUSE_DATA"] || "data",
    problems,
  };
}

function hostOf(written: string | undefined, problems: Problem[]): string | undefined {
  if (written === undefined || isHost(written)) return written;
  problems.push(
    environmentProblem("HOST", {
      message: "must be an address or a host name",
      mend: "Set HOST to an address without scheme and port, such as 127.0.0.1, or unset it.",
    }),
  );
  return undefined;
}

const HIGHEST_PORT = 65535;

function portOf(written: string | undefined, problems: Problem[]): number | undefined {
  if (written === undefined) return undefined;
  const port = /^\d{1,5}$/.test(written) ? Number(written) : Number.NaN;
  if (port <= HIGHEST_PORT) return port;
  problems.push(
    environmentProblem("PORT", {
      message: `must be a whole number from 0 to ${HIGHEST_PORT}`,
      mend: "Set PORT to a free port, such as 8003, or unset it.",
    }),
  );
  return undefined;
}

/** A problem whose place is an environment variable. */
export function environmentProblem(variable: string, said: { message: string; mend: string }): Problem {
  return { file: "environment", line: 0, column: 0, path: variable, ...said };
}
